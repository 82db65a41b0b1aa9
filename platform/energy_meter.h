#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "models/common/recorder.h"
#include "platform/energy_counters.h"

namespace aqpim {

/// Mean power by component from `start_ps` until the next step begins, of the last one until the end of the run.
struct PowerStep {
    Picoseconds start_ps;
    std::map<std::string, double> mw;
    double total_mw;
};

/// Reads the platform's energy at each mark that firmware makes on the trace port, so that every phase has its share
/// and the shares sum to the whole. Background counts by elapsed time.
///
/// The same readings give power over time, which it records as counters: `power.COMPONENT` and `power.total`, in mW.
class EnergyMeter {
 public:
    /// Connects itself to the platform's trace port, for as long as it lives.
    EnergyMeter(const Configuration& configuration, Platform& platform, Recorder& recorder);
    ~EnergyMeter();
    EnergyMeter(const EnergyMeter&) = delete;
    EnergyMeter& operator=(const EnergyMeter&) = delete;

    /// The last reading, when the simulation is over and the trace port has closed its phases.
    void finish(Picoseconds now_ps);

    /// Of the whole run.
    Energy total() const;
    /// Of a phase of TracePort::phases().
    Energy of_phase(std::size_t phase) const;
    /// Of all that lies in none of these phases, which are given in order.
    Energy outside(const std::vector<std::size_t>& phases) const;
    std::vector<PowerStep> power() const;

 private:
    struct Reading {
        Picoseconds time_ps;
        Energy energy;
    };
    /// Places of the readings at a phase's ends.
    struct Ends {
        std::size_t begin = 0;
        std::size_t end = 0;
    };
    void read(Picoseconds time_ps);
    void record_power();
    void record(const std::string& component, Picoseconds time_ps, double mw);
    Energy between(std::size_t begin, std::size_t end) const;
    PowerStep power_between(std::size_t begin, std::size_t end) const;

    EnergyCounters counters_;
    TracePort& trace_port_;
    Recorder& recorder_;
    std::vector<Reading> readings_;
    std::vector<Ends> phases_;              // as TracePort::phases()
    std::vector<std::size_t> power_steps_;  // readings at which they begin, and the last one ends
    std::map<std::string, double> recorded_mw_;
};

}  // namespace aqpim
