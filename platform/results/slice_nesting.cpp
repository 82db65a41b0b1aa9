#include "platform/results/slice_nesting.h"

#include <algorithm>
#include <iterator>

namespace aqpim {

bool SliceNesting::insert(Picoseconds start_ps, Picoseconds end_ps) {
    std::vector<Node>* level = &outermost_;
    while (true) {
        // Of one level, in order of time and apart: those that share time with the new stretch.
        const auto first = std::partition_point(level->begin(), level->end(),
                                                [&](const Node& node) { return node.end_ps <= start_ps; });
        const auto last =
            std::partition_point(first, level->end(), [&](const Node& node) { return node.start_ps < end_ps; });
        if (first == last) {
            level->insert(first, {start_ps, end_ps, {}});
            return true;
        }
        if (first->start_ps <= start_ps && end_ps <= first->end_ps) {
            level = &first->inner;
            continue;
        }
        if (first->start_ps < start_ps || std::prev(last)->end_ps > end_ps) {
            return false;
        }
        Node node{start_ps, end_ps, {std::make_move_iterator(first), std::make_move_iterator(last)}};
        *first = std::move(node);
        level->erase(std::next(first), last);
        return true;
    }
}

}  // namespace aqpim
