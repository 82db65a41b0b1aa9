#pragma once

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "tests/pim/pq_scene.h"

/// A scene that clusters, appends and attends while a host reads and writes the same memory.
namespace aqpim::interleaving {

inline PqCase work_of(const Parameters::Settings& settings) {
    PqCase work;
    work.shape = {2, 32, 8, 32, 32};
    work.sequences = {sequence_of(300, 6, 2), sequence_of(170, 9, 2)};
    work.window = 160;
    work.queries_per_head = 2;
    work.page_columns = 1;
    work.settings = settings;
    return work;
}

/// A device whose refreshes fall due often, and whose channels take time to change over to the host and back.
inline Parameters::Settings restless(unsigned seed) {
    std::mt19937 random(seed);
    const char* const fidelities[] = {"detailed", "fast"};
    const char* const refreshes[] = {"all_bank", "per_bank"};
    return {{"dram.nREFI", std::to_string(1500 + random() % 1000)},
            {"dram.refresh", refreshes[random() % 2]},
            {"dram.refresh_postpone", std::to_string(random() % 9)},
            {"pim.mode_change", std::to_string(1 + random() % 60)},
            {"memory.fidelity", fidelities[random() % 2]}};
}

/// Accesses of the host at random times, until the firmware is done.
class HostTraffic {
 public:
    HostTraffic(PqScene& scene, unsigned seed) : scene_(scene), random_(seed), own_(64 * 1024) {
        own_at_ = scene.take_bytes(own_.size());
        scene.host_traffic = [this] { run(); };
    }
    void stop() { stopped_ = true; }
    /// From now on codebooks stay as they are.
    void expect_quantized() {
        for (const Tensor tensor : tensors) {
            const std::uint64_t at = scene_.address_of(scene_.objects[tensor].codebook);
            std::vector<std::uint8_t> codebook(scene_.address_of(scene_.windows() * scene_.codebook_columns()));
            scene_.memory.store().read(at, codebook.data(), codebook.size());
            codebooks_.push_back({at, codebook});
        }
    }
    /// Accesses made while a command was under way.
    std::uint64_t in_commands() const { return in_commands_; }
    bool right() const { return right_; }

 private:
    struct Contents {
        std::uint64_t address;
        std::vector<std::uint8_t> bytes;
    };

    void run() {
        while (!stopped_) {
            sc_core::wait(from_ps(below(600'000)));
            switch (below(4)) {
                case 0:
                    write_own();
                    break;
                case 1:
                    read_back({own_at_, own_});
                    break;
                case 2:
                    if (!codebooks_.empty()) {
                        read_back(codebooks_[below(codebooks_.size())]);
                    }
                    break;
                default:
                    read_working_space();
                    break;
            }
        }
    }
    std::size_t below(std::size_t bound) { return random_() % bound; }

    void transfer(tlm::tlm_command command, std::uint64_t address, std::uint8_t* data, std::size_t bytes) {
        scene_.memory_access(command, address, data, static_cast<std::uint32_t>(bytes));
        in_commands_ += scene_.submitted > scene_.interrupts ? 1U : 0U;
    }
    void write_own() {
        const std::size_t at = below(own_.size() - 600);
        const std::size_t bytes = 1 + below(600);
        for (std::size_t k = 0; k < bytes; ++k) {
            own_[at + k] = static_cast<std::uint8_t>(random_());
        }
        transfer(tlm::TLM_WRITE_COMMAND, own_at_ + at, &own_[at], bytes);
    }
    void read_back(const Contents& contents) {
        const std::size_t bytes = 1 + below(std::min<std::size_t>(600, contents.bytes.size()));
        const std::size_t at = below(contents.bytes.size() - bytes + 1);
        std::vector<std::uint8_t> found(bytes);
        transfer(tlm::TLM_READ_COMMAND, contents.address + at, found.data(), bytes);
        right_ = right_ && std::equal(found.begin(), found.end(), contents.bytes.begin() + static_cast<long>(at));
    }
    /// Rows with codes, tables and vectors, whose contents change under way.
    void read_working_space() {
        const std::uint32_t columns[] = {scene_.code_columns(keys).at(0),
                                         scene_.code_columns(values).at(1),
                                         scene_.scratch,
                                         scene_.scratch + static_cast<std::uint32_t>(below(200)),
                                         scene_.objects[keys].image,
                                         scene_.objects[values].uncoded};
        std::vector<std::uint8_t> found(1 + below(600));
        transfer(tlm::TLM_READ_COMMAND, scene_.address_of(columns[below(std::size(columns))]) + below(4000),
                 found.data(), found.size());
    }

    PqScene& scene_;
    std::mt19937 random_;
    std::vector<std::uint8_t> own_;  ///< as the host has written it
    std::uint64_t own_at_;
    std::vector<Contents> codebooks_;
    std::uint64_t in_commands_ = 0;
    bool right_ = true;
    bool stopped_ = false;
};

/// Clusters, then lets one token after the other leave the window and attends: all that is computed.
template <class Quantized>
Words prefill_and_decode(PqScene& scene, unsigned steps, Quantized quantized) {
    scene.quantize();
    quantized();
    Words all;
    const auto add = [&](const Words& words) { all.insert(all.end(), words.begin(), words.end()); };
    for (unsigned step = 0; step < steps; ++step) {
        for (aqpim_pim_sequence& sequence : scene.work.sequences) {
            sequence.slot = step % sequence.uncoded;
            sequence.element = sequence.coded;
        }
        scene.put_table(scene.table, scene.work.sequences);
        for (const Tensor tensor : tensors) {
            CHECK(scene.command(scene.append_of(tensor)).status == AQPIM_DONE);
        }
        for (aqpim_pim_sequence& sequence : scene.work.sequences) {
            ++sequence.coded;
        }
        scene.put_table(scene.table, scene.work.sequences);
        add(scene.attend(step % 2 == 0 ? AQPIM_VALUE_LOOP : AQPIM_VALUE_HISTOGRAM));
    }
    for (std::uint32_t unit = 0; unit < scene.units(); ++unit) {
        add(scene.quantized(unit));
    }
    return all;
}

/// Runs without a host and with one for each seed, and compares every bit.
inline void check_seeds(unsigned first_seed, unsigned seeds, unsigned steps) {
    PqScene plain("plain", work_of({}));
    Words expected;
    plain.firmware = [&] { expected = prefill_and_decode(plain, steps, [] {}); };
    struct Run {
        std::unique_ptr<PqScene> scene;
        std::unique_ptr<HostTraffic> traffic;
        Words found;
    };
    std::vector<Run> runs(seeds);
    for (unsigned index = 0; index < seeds; ++index) {
        Run& run = runs[index];
        const unsigned seed = first_seed + index;
        run.scene = std::make_unique<PqScene>(sc_core::sc_gen_unique_name("busy"), work_of(restless(seed)));
        run.traffic = std::make_unique<HostTraffic>(*run.scene, seed);
        run.scene->firmware = [&run, steps] {
            run.found = prefill_and_decode(*run.scene, steps, [&run] { run.traffic->expect_quantized(); });
            run.traffic->stop();
        };
    }
    sc_core::sc_start();
    REQUIRE(!expected.empty());
    for (unsigned index = 0; index < seeds; ++index) {
        CAPTURE(first_seed + index);
        CHECK(runs[index].found == expected);
        CHECK(runs[index].traffic->right());
        CHECK(runs[index].traffic->in_commands() > 100);
        CHECK(runs[index].scene->memory.counters().refreshes > 0);
    }
}

}  // namespace aqpim::interleaving
