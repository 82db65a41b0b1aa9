#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "tests/pcie/detailed/scene.h"

namespace aqpim::pcie::test {

/// Watches TLPs from the end that makes them to the end they are for, and holds the order in which they arrive against
/// the order in which they were made, by the ordering table of PCIe Base Specification 2.4.1 (between each pair of
/// ends; knows nothing of the fabric's own rules). Counts what is lost and what comes twice.
class OrderingChecker final : public Observer {
 public:
    /// To be called before anything is sent; the checker must outlive the scene's use.
    void watch(Scene& scene) { scene_ = &scene; }

    void leaves(unsigned end, const Tlp& tlp) override;
    void arrives(unsigned end, const Tlp& tlp) override;

    const std::vector<std::string>& violations() const { return violations_; }
    /// Made and not arrived.
    std::size_t on_their_way() const { return made_.size(); }
    std::uint64_t arrived() const { return arrived_; }

 private:
    /// Of a TLP: whose it is, and when it was made among those of its end.
    struct Made {
        unsigned end;
        std::uint64_t stamp;
    };
    enum class Row : std::uint8_t { posted, read, write, completion };
    /// TLPs that the table does not tell apart.
    struct Kind {
        Row row;
        bool relaxed;
        bool by_id;
        RoutingId sender;

        bool operator<(const Kind& other) const;
    };
    static Kind kind_of(const Tlp& tlp);
    static bool may_overtake(const Kind& later, RoutingId writer);
    void check_posted(const Tlp& tlp, const Made& made, unsigned end);
    void check_completion(const Tlp& tlp, unsigned end);
    void report(const std::string& what, const Tlp& tlp, unsigned end);

    Scene* scene_ = nullptr;
    std::unordered_map<const Tlp*, Made> made_;
    /// The latest of each kind that has arrived, by maker and destination.
    std::map<std::pair<unsigned, unsigned>, std::map<Kind, std::uint64_t>> latest_;
    /// Address behind the last completion's data of a read, by requester and tag.
    std::unordered_map<std::uint64_t, std::uint64_t> next_address_;
    std::vector<std::string> violations_;
    std::uint64_t arrived_ = 0;
};

}  // namespace aqpim::pcie::test
