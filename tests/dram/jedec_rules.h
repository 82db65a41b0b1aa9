#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "models/dram/command_trace.h"
#include "models/dram/dram_parameters.h"
#include "models/dram/organization.h"

namespace aqpim::dram {

/// Windows of tFAW, beyond the first, in which an all-bank activate opens the banks of a rank: `pim.activate_all`.
std::uint32_t activate_all_windows(const Organization& organization, const std::string& activate_all);

/// What a trace is held against.
struct JedecRules {
    JedecRules() = default;
    explicit JedecRules(const DramParameters& parameters);

    std::map<std::string, Picoseconds> timing_ps;  ///< by JEDEC name, as DramParameters::jedec_timing_ps() gives it
    Organization organization;
    bool split_command_bus = true;    ///< HBM: row and column commands have a bus each
    bool refreshed = true;            ///< the ranks rely on refresh commands; otherwise only those found are checked
    bool moves_share_bus = true;      ///< register moves between engines and buffer die take column slots
    Picoseconds activate_all_ps = 0;  ///< from an all-bank activate's first bank to its last
    Picoseconds mode_change_ps = 0;   ///< between ordinary accesses and all-bank commands, either way
};

/// A command that breaks a rule.
struct Violation {
    std::size_t command;  ///< its place in the trace, from 0
    std::string rule;     ///< "tFAW", "row", "data bus", ...
    std::string text;     ///< one line
};

class JedecChannel;
struct JedecTiming;

/// Replays a trace against JEDEC's rules, written from the standards and not from the model's tables: bank states and,
/// for each command, its distance to everything before it that it has to keep away from. Rules go by the parameter's
/// name, and:
///   time         time runs backwards
///   address      a field is missing or out of range
///   command bus  two commands meet on their bus
///   data bus     two bursts meet on it
///   open         an activate or refresh of a bank whose row is open
///   row          a column command to a bank in which its row is not open
///   mode change  an all-bank command comes too soon after an ordinary access, or the other way round
///   REFpb order  a bank is refreshed again before every other one of its rank has been
///   tREFI        more than nine tREFI without refresh, or more than nine refreshes owed
class JedecChecker {
 public:
    /// Throws std::invalid_argument, naming it, if a timing parameter is missing.
    explicit JedecChecker(const JedecRules& rules);
    ~JedecChecker();

    void check(const TracedCommand& command);
    /// The trace has ended: which refreshes are missing?
    void finish();
    const std::vector<Violation>& violations() const { return violations_; }
    std::size_t commands() const { return commands_; }

 private:
    JedecRules rules_;
    std::unique_ptr<const JedecTiming> timing_;
    std::vector<std::unique_ptr<JedecChannel>> channels_;
    std::vector<Violation> violations_;
    std::size_t commands_ = 0;
};

std::vector<Violation> jedec_violations(const std::vector<TracedCommand>& trace, const JedecRules& rules);
/// The first of their texts, which a failed CHECK prints.
std::vector<std::string> jedec_violations(const std::vector<TracedCommand>& trace, const DramParameters& parameters);

}  // namespace aqpim::dram
