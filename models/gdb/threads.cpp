#include "models/gdb/threads.h"

#include <algorithm>
#include <optional>

namespace aqpim {

namespace {

ThreadId parse_number(Fields& fields, unsigned harts) {
    if (fields.skip("-1")) {
        return {ThreadId::Kind::all};
    }
    const std::uint64_t number = fields.number();
    if (number == 0) {
        return {ThreadId::Kind::any};
    }
    if (number > harts) {
        throw GdbRefusal{GdbRefusal::malformed};
    }
    return {ThreadId::Kind::one, static_cast<unsigned>(number - 1)};
}

HartAction parse_action(Fields& fields) {
    if (fields.skip("c")) {
        return HartAction::run;
    }
    if (fields.skip("s")) {
        return HartAction::step;
    }
    if (fields.skip("C")) {
        fields.number();
        return HartAction::run;
    }
    if (fields.skip("S")) {
        fields.number();
        return HartAction::step;
    }
    fields.expect("t");
    return HartAction::hold;
}

}  // namespace

ThreadId parse_thread(Fields& fields, unsigned harts) {
    if (!fields.skip("p")) {
        return parse_number(fields, harts);
    }
    const ThreadId process = parse_number(fields, 1);
    if (fields.skip(".")) {
        return parse_number(fields, harts);
    }
    return {process.kind == ThreadId::Kind::any ? ThreadId::Kind::any : ThreadId::Kind::all};
}

ThreadId parse_last_thread(Fields& fields, unsigned harts) {
    const ThreadId thread = parse_thread(fields, harts);
    fields.expect_end();
    return thread;
}

std::vector<HartAction> parse_actions(Fields& fields, unsigned harts) {
    std::vector<std::optional<HartAction>> chosen(harts);
    do {
        fields.expect(";");
        const HartAction action = parse_action(fields);
        const ThreadId thread = fields.skip(":") ? parse_thread(fields, harts) : ThreadId{ThreadId::Kind::all};
        for (unsigned hart = 0; hart < harts; ++hart) {
            if (thread.includes(hart) && !chosen[hart]) {
                chosen[hart] = action;
            }
        }
    } while (!fields.at_end());

    std::vector<HartAction> actions;
    for (const auto& action : chosen) {
        actions.push_back(action.value_or(HartAction::hold));
    }
    if (std::all_of(actions.begin(), actions.end(), [](HartAction action) { return action == HartAction::hold; })) {
        throw GdbRefusal{GdbRefusal::malformed};
    }
    return actions;
}

}  // namespace aqpim
