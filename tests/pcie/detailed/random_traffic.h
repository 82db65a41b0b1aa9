#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <random>
#include <vector>

#include "tests/pcie/detailed/ordering_checker.h"
#include "tests/pcie/detailed/scene.h"

namespace aqpim::pcie::test {

/// Reads and writes of all ends to all others' memories, in slots that each requester has for itself, with data that is
/// checked: what a read returns is what this requester has written before it was started.
class RandomTraffic {
 public:
    struct Setup {
        Shape shape;
        MemoryTiming memory;          ///< its size is set here
        std::uint64_t bytes;          ///< of all transactions together
        unsigned most_in_flight = 8;  ///< of each requester
        std::uint64_t seed = 1;
    };
    RandomTraffic(const PcieParameters& parameters, const Setup& setup);
    ~RandomTraffic();

    void run();

    Scene& scene() { return scene_; }
    const OrderingChecker& checker() const { return checker_; }
    std::uint64_t transferred() const { return transferred_; }
    std::uint64_t started() const { return started_; }
    std::uint64_t ended() const { return ended_; }
    /// Reads that returned wrong data or any transaction that did not succeed or ended twice.
    std::uint64_t failures() const { return failures_; }
    /// True if all memories contain what was written to them, and nothing else.
    bool memories_are_right();

 private:
    class Requests;
    friend class Requests;
    static constexpr std::uint64_t slot_bytes = 16 * 1024;
    static constexpr unsigned slots = 4;  // of one requester in one memory
    static constexpr std::uint64_t most_bytes = 8 * 1024;

    OrderingChecker checker_;
    Scene scene_;
    Setup setup_;
    std::mt19937_64 random_;
    std::vector<std::unique_ptr<Requests>> requests_;  // by requester
    std::vector<std::vector<std::uint8_t>> shadows_;   // by memory
    std::uint64_t transferred_ = 0;
    std::uint64_t started_ = 0;
    std::uint64_t ended_ = 0;
    std::uint64_t failures_ = 0;
};

/// Checks all that must hold once the traffic has ended.
void check_traffic(RandomTraffic& traffic);

/// Buffers of `headers` TLPs of each class, and data of one.
PcieParameters tiny_buffers(unsigned headers);

}  // namespace aqpim::pcie::test
