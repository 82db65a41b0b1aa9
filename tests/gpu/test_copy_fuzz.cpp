#include <fmt/format.h>

#include <random>

#include "gpu_scene.h"

using namespace aqpim;
using namespace sc_core;

namespace {

/// Descriptors of random bytes, half of them with fields that come near to what is allowed.
class RandomDescriptors {
 public:
    CommandQueue::Descriptor next() {
        CommandQueue::Descriptor bytes;
        for (std::uint8_t& byte : bytes) {
            byte = static_cast<std::uint8_t>(random_());
        }
        if (random_() % 8 != 0) {
            constexpr std::uint16_t opcodes[] = {AQPIM_GPU_NOP,     AQPIM_GPU_SIGNAL,  AQPIM_GPU_WAIT,
                                                 AQPIM_GPU_RELEASE, AQPIM_GPU_ACQUIRE, AQPIM_GPU_TIMESTAMP,
                                                 AQPIM_GPU_COPY,    AQPIM_GPU_FILL,    AQPIM_GPU_GATHER};
            put(bytes, 0, opcodes[random_() % std::size(opcodes)]);
        }
        if (random_() % 2 == 0) {
            for (std::size_t offset = 8; offset < 64; offset += 8) {
                put(bytes, offset, near_value());
            }
            // Of rows and pieces, few or too many: those between only take long.
            const std::uint64_t count = random_() % 8 == 0 ? ~std::uint64_t{0} : random_() % 70;
            const bool gather = CommandQueue::as<aqpim_descriptor_header>(bytes).opcode == AQPIM_GPU_GATHER;
            put(bytes, gather ? offsetof(aqpim_gpu_gather, entries) : offsetof(aqpim_gpu_copy, rows), count);
        }
        return bytes;
    }

 private:
    template <class T>
    static void put(CommandQueue::Descriptor& bytes, std::size_t offset, T value) {
        std::memcpy(bytes.data() + offset, &value, sizeof value);
    }
    std::uint64_t near_value() {
        // Away from rings and completions, which a copy may overwrite in the host's memory.
        switch (random_() % 6) {
            case 0:
                return 0x20000 + random_() % 0xe0000;
            case 1:
                return (0x20000 + random_() % 0xe0000) & ~7ULL;
            case 2:
                return random_() % 70;
            case 3:
                return (1 << 20) - random_() % 70;
            case 4:
                return ~std::uint64_t{0} >> random_() % 64;
            default:
                return random_() % 8192;
        }
    }
    std::mt19937_64 random_{20};
};

bool may_wait(const CommandQueue::Descriptor& descriptor) {
    const auto opcode = CommandQueue::as<aqpim_descriptor_header>(descriptor).opcode;
    return opcode == AQPIM_GPU_WAIT || opcode == AQPIM_GPU_ACQUIRE;
}

}  // namespace

TEST_CASE("every descriptor of random fields ends in a completion or waits until its queue is disabled") {
    GpuScene scene("scene", {{"copy_engines", "3"}, {"copy_outstanding", "3"}});
    scene.host.style = HostBus::Style::mixed;
    RandomDescriptors descriptors;
    unsigned ended = 0;
    unsigned done = 0;
    unsigned released = 0;
    scene.play([&] {
        // Nothing but the queues themselves may touch the rings, which a driver keeps from its descriptors.
        scene.host.refuse = [](const tlm::tlm_generic_payload& payload) {
            const bool of_queue = !payload.has_mm() && payload.get_data_length() != 8;
            return payload.get_address() < 0x20000 && !of_queue ? tlm::TLM_GENERIC_ERROR_RESPONSE
                                                                : tlm::TLM_OK_RESPONSE;
        };
        for (unsigned i = 0; i < 20'000; ++i) {
            const unsigned queue = i % 3;
            const auto descriptor = descriptors.next();
            const std::uint64_t index = scene.submit(queue, descriptor);
            const sc_time end = sc_time_stamp() + sc_time(may_wait(descriptor) ? 20 : 100'000, SC_US);
            while (!scene.is_done(queue, index) && sc_time_stamp() < end) {
                wait(1, SC_US);
            }
            if (scene.is_done(queue, index)) {
                ++ended;
                done += scene.completion(queue, index).status == AQPIM_DONE ? 1 : 0;
                CHECK(scene.completion(queue, index).status <= AQPIM_TIMED_OUT);
            } else {
                std::string words;
                for (std::size_t offset = 0; offset < 64; offset += 8) {
                    std::uint64_t word = 0;
                    std::memcpy(&word, descriptor.data() + offset, sizeof word);
                    words += fmt::format(" {:x}", word);
                }
                INFO("descriptor" << words);
                REQUIRE(may_wait(descriptor));
                scene.enable(queue);
                ++released;
            }
        }
    });
    CHECK(ended + released == 20'000);
    CHECK(done > 2'000);
    CHECK(released > 50);
}
