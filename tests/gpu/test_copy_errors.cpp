#include "gpu_scene.h"

using namespace aqpim;
using namespace sc_core;

namespace {

/// The host refuses accesses with this command that touch `address`.
void refuse_at(GpuScene& scene, tlm::tlm_command command, std::uint64_t address, tlm::tlm_response_status status) {
    scene.host.refuse = [=](const tlm::tlm_generic_payload& payload) {
        const bool touched = payload.get_command() == command && payload.get_address() <= address &&
                             address < payload.get_address() + payload.get_data_length();
        return touched ? status : tlm::TLM_OK_RESPONSE;
    };
}

}  // namespace

TEST_CASE("a copy's status says how the bus has refused") {
    GpuScene scene("scene");
    scene.play([&] {
        const std::pair<tlm::tlm_response_status, aqpim_completion_status> expected[] = {
            {tlm::TLM_ADDRESS_ERROR_RESPONSE, AQPIM_ADDRESS_ERROR},
            {tlm::TLM_COMMAND_ERROR_RESPONSE, AQPIM_ADDRESS_ERROR},
            {tlm::TLM_GENERIC_ERROR_RESPONSE, AQPIM_BUS_ERROR},
            {tlm::TLM_BURST_ERROR_RESPONSE, AQPIM_BUS_ERROR},
        };
        std::uint64_t count = 0;
        for (const auto& [response, status] : expected) {
            refuse_at(scene, tlm::TLM_READ_COMMAND, 0x25000, response);
            CHECK(scene.command(0, copy_of(0x20000, 0, 0x10000, from_bus)).status == status);
            refuse_at(scene, tlm::TLM_WRITE_COMMAND, 0x25000, response);
            CHECK(scene.command(0, copy_of(0, 0x20000, 0x10000, to_bus)).status == status);
            CHECK(scene.read(0, AQPIM_QUEUE_ERROR_COUNT) == (count += 2));
        }
    });
}

TEST_CASE("an error in the middle of a copy is recorded with its first address once all is answered") {
    GpuScene scene("scene");
    scene.play([&] {
        std::uint64_t index = 0;
        for (const HostBus::Style style : {HostBus::Style::at_once, HostBus::Style::late, HostBus::Style::mixed}) {
            scene.host.style = style;
            scene.host.refuse = [](const auto&) { return tlm::TLM_OK_RESPONSE; };
            aqpim_descriptor_header nop{};
            scene.command(0, nop);
            // Bursts 5 and 6 fail, in whichever order they are answered.
            scene.host.refuse = [](const tlm::tlm_generic_payload& payload) {
                const bool refused = payload.get_address() >= 0x25000 && payload.get_address() < 0x27000;
                return refused ? tlm::TLM_GENERIC_ERROR_RESPONSE : tlm::TLM_OK_RESPONSE;
            };
            auto copy = copy_of(0x20000, 0, 0x40000, from_bus);
            copy.header.cookie = 0xabcd;
            CHECK(scene.command(0, copy).status == AQPIM_BUS_ERROR);
            CHECK(scene.host.outstanding == 0);
            CHECK(scene.read(0, AQPIM_QUEUE_ERROR_RECORD) == (std::uint64_t{AQPIM_BUS_ERROR} << 32 | 0xabcd));
            CHECK(scene.read(0, AQPIM_QUEUE_ERROR_INDEX) == index + 1);
            CHECK(scene.read(0, AQPIM_QUEUE_ERROR_ADDRESS) == 0x25000);
            // It has stopped long before its end.
            CHECK(scene.gpu.copy_engine(0).bytes_copied() < (index / 2 + 1) * 0x40000);
            index += 2;
        }
    });
}

TEST_CASE("what could not be read is not written") {
    GpuScene scene("scene");
    scene.play([&] {
        scene.put_host(0x20000, pattern(0x4000));
        scene.put_own(0, std::vector<std::uint8_t>(0x4000, 0xee));
        refuse_at(scene, tlm::TLM_READ_COMMAND, 0x21800, tlm::TLM_GENERIC_ERROR_RESPONSE);
        CHECK(scene.command(0, copy_of(0x20000, 0, 0x4000, from_bus)).status == AQPIM_BUS_ERROR);
        CHECK(scene.own_bytes(0x1000, 0x1000) == std::vector<std::uint8_t>(0x1000, 0xee));
        const auto data = pattern(0x4000);
        CHECK(scene.own_bytes(0, 0x1000) == std::vector<std::uint8_t>(data.begin(), data.begin() + 0x1000));
    });
}

TEST_CASE("a gather whose list cannot be read or has a piece that is not allowed fails") {
    GpuScene scene("scene");
    scene.play([&] {
        aqpim_gpu_gather gather{};
        gather.header = {AQPIM_GPU_GATHER, AQPIM_GPU_FLAG_LIST_BUS, 0};
        gather.list = 0x20000;
        gather.entries = 3;
        const auto with_piece = [&](const aqpim_gpu_piece& piece) {
            const aqpim_gpu_piece pieces[] = {{0, 0x100, 16}, piece, {0, 0x200, 16}};
            std::memcpy(&scene.host.contents[0x20000], pieces, sizeof pieces);
            return scene.command(0, gather).status;
        };
        scene.put_own(0, pattern(16));
        CHECK(with_piece({0, 0x300, 16}) == AQPIM_DONE);
        CHECK(with_piece({0, 0x300, 0}) == AQPIM_BAD_FIELD);
        CHECK(with_piece({1 << 20, 0x300, 16}) == AQPIM_BAD_FIELD);
        CHECK(with_piece({0, (1 << 20) - 15, 16}) == AQPIM_BAD_FIELD);
        CHECK(with_piece({0, 0x300, ~0ULL}) == AQPIM_BAD_FIELD);
        CHECK(scene.own_bytes(0x100, 16) == pattern(16));

        refuse_at(scene, tlm::TLM_READ_COMMAND, 0x20010, tlm::TLM_GENERIC_ERROR_RESPONSE);
        CHECK(scene.command(0, gather).status == AQPIM_BUS_ERROR);
        CHECK(scene.read(0, AQPIM_QUEUE_ERROR_ADDRESS) == 0x20000);
        gather.list = 0x20004;
        CHECK(scene.command(0, gather).status == AQPIM_BAD_FIELD);
        CHECK(scene.read(0, AQPIM_QUEUE_ERROR_ADDRESS) == 0);
        gather.list = 0x20000;
        for (const std::uint64_t entries :
             {std::uint64_t{0}, std::uint64_t{AQPIM_GPU_MOST_PIECES + 1}, ~std::uint64_t{0}}) {
            gather.entries = entries;
            CHECK(scene.command(0, gather).status == AQPIM_BAD_FIELD);
        }
    });
}

TEST_CASE("a reset ends a copy: nothing more is written and the queue works again at once") {
    GpuScene scene("scene");
    scene.play([&] {
        for (const HostBus::Style style : {HostBus::Style::at_once, HostBus::Style::late, HostBus::Style::mixed}) {
            for (const bool by_register : {false, true}) {
                scene.host.style = style;
                scene.put_host(0x40000, std::vector<std::uint8_t>(0x80000, 0xee));
                scene.put_own(0, pattern(0x80000));
                scene.submit(0, copy_of(0, 0x40000, 0x80000, to_bus | AQPIM_FLAG_INTERRUPT));
                wait(3, SC_US);
                by_register ? scene.write(0, AQPIM_QUEUE_CONTROL, 0) : scene.gpu.reset();
                scene.enable(0);
                const unsigned requests = scene.host.requests;
                // The source of what follows is on the bus, so that only the abandoned copy could write there.
                CHECK(scene.command(0, copy_of(0x20000, 0x90000, 0x1000, from_bus)).status == AQPIM_DONE);
                CHECK(scene.host.requests == requests + 1);
                wait(20, SC_US);
                CHECK(scene.host.requests == requests + 1);
                CHECK(scene.host.outstanding == 0);
                CHECK(scene.raised.empty());
                CHECK(scene.host_bytes(0xbf000, 0x1000) == std::vector<std::uint8_t>(0x1000, 0xee));
                CHECK(scene.read(0, AQPIM_QUEUE_ERROR_COUNT) == 0);
            }
        }
    });
}

TEST_CASE("a reset while the bus answers nothing leaves a queue that works") {
    GpuScene scene("scene", {{"copy_outstanding", "4"}});
    scene.host.style = HostBus::Style::late;
    scene.play([&] {
        scene.host.latency_ps = 1'000'000'000;  // 1 ms
        scene.submit(0, copy_of(0x20000, 0, 0x20000, from_bus));
        wait(1500, SC_US);  // the descriptor has been fetched, and the copy's first bursts have gone
        CHECK(scene.host.outstanding == 4);
        scene.gpu.reset();
        scene.host.latency_ps = 200'000;
        scene.enable(0);
        CHECK(scene.command(0, copy_of(0x40000, 0x1000, 0x4000, 0)).status == AQPIM_DONE);
        CHECK(scene.host.outstanding == 4);
        wait(5, SC_MS);
        CHECK(scene.host.outstanding == 0);
        CHECK(scene.own_bytes(0, 0x1000) == std::vector<std::uint8_t>(0x1000));
        CHECK(scene.command(0, copy_of(0x20000, 0, 0x20000, from_bus)).status == AQPIM_DONE);
    });
}

TEST_CASE("a descriptor that cannot be fetched stops its queue and no other") {
    GpuScene scene("scene");
    scene.play([&] {
        refuse_at(scene, tlm::TLM_READ_COMMAND, ring, tlm::TLM_ADDRESS_ERROR_RESPONSE);
        scene.submit(0, aqpim_descriptor_header{});
        wait(10, SC_US);
        CHECK(scene.read(0, AQPIM_QUEUE_STATUS) == AQPIM_QUEUE_FETCH_ERROR);
        CHECK(scene.command(1, aqpim_descriptor_header{}).status == AQPIM_DONE);
        CHECK(scene.read_register(AQPIM_GPU_ERRORS) == 1);
    });
}
