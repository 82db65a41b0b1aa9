#pragma once

#include <cstdint>
#include <vector>

#include "models/gdb/fields.h"

namespace aqpim {

/// A thread-id. Hart h is thread h + 1 of process 1.
struct ThreadId {
    enum class Kind : std::uint8_t { any, all, one };

    Kind kind = Kind::any;
    unsigned hart = 0;  ///< if one

    bool includes(unsigned other) const { return kind != Kind::one || hart == other; }
};

/// `1`, `0` (any), `-1` (all), or with the process in front: `p1.1`, `p1`. Throws GdbRefusal for a thread that is not
/// there.
ThreadId parse_thread(Fields& fields, unsigned harts);
/// The same, and nothing after it.
ThreadId parse_last_thread(Fields& fields, unsigned harts);

/// What a hart does when the simulation goes on.
enum class HartAction : std::uint8_t { hold, run, step };

/// The actions of vCont, for each hart: `;c`, `;C05`, `;s`, `;S05` or `;t`, each with `:thread-id` or for all that no
/// action to its left is for. Signals are without meaning for a hart. Throws GdbRefusal if malformed or if no hart
/// would run.
std::vector<HartAction> parse_actions(Fields& fields, unsigned harts);

}  // namespace aqpim
