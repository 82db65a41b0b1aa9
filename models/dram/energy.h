#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "models/common/clock.h"
#include "models/common/parameter.h"
#include "models/dram/counters.h"
#include "models/dram/organization.h"
#include "models/dram/timing.h"

namespace aqpim::dram {

/// What the memory's activity costs: section `energy`. `energy.model` decides where activates, host accesses, refreshes
/// and the background come from: figures per bit (system.md §4) or a data sheet's currents. What PIM does between
/// activate and precharge has no current in any data sheet and is charged per bit in both.
struct EnergyParameters {
    std::string model;

    /// Per bit. These hold for a row of which every bit is used once: opening a row costs `activate_pj` for each of its
    /// bits, however many are used.
    double activate_pj = 0;   ///< activate and precharge, per bit of the row
    double cell_pj = 0;       ///< a column access, per bit; bank-level PIM pays activate + cell = 0.55
    double host_path_pj = 0;  ///< the whole way from the cell to the interface, activate and cell included, per bit
    double refresh_all_bank_pj = 0;       ///< one REFab
    double refresh_per_bank_pj = 0;       ///< one REFpb
    double background_precharged_mw = 0;  ///< of one rank of one pseudo-channel with every bank closed
    double background_active_mw = 0;      ///< the same with a bank open or a REFab under way

    double mac_pj = 0;            ///< one fp16 multiply-accumulate
    double buffer_engine_mw = 0;  ///< while PIM_SFM occupies it
    std::string lookup_charge;

    /// Currents of one device, by their JEDEC names, and how many devices make a rank.
    double idd0_ma = 0;
    double idd2n_ma = 0;
    double idd3n_ma = 0;
    double idd4r_ma = 0;
    double idd4w_ma = 0;
    double idd5b_ma = 0;
    double idd5pb_ma = 0;
    double vdd_v = 0;
    std::uint32_t devices_per_rank = 0;

    void declare(ParameterSection energy);
    /// Throws InputError where single values are allowed but do not go together.
    void check(const TimingParameters& timing) const;

 private:
    void declare_per_bit(ParameterSection energy);
    void declare_currents(ParameterSection energy);
};

/// What is charged for all commands of one kind, or for the time spent in one state.
struct EnergyCharge {
    std::string_view name;       ///< the command, or "background_active" and "background_precharged"
    std::string_view component;  ///< activate, host_access, refresh, background, pim_access, lookup, move, mac, softmax
    double pj;
};

/// Turns what a channel has done into energy.
class EnergyModel {
 public:
    EnergyModel(const EnergyParameters& parameters, const Organization& organization, const TimingParameters& timing);

    /// Of a channel in its first `elapsed_ps`, or of several, whose counters are added up. A precharge is charged with
    /// its activate.
    std::vector<EnergyCharge> charges(const Counters& counters, Picoseconds elapsed_ps,
                                      std::uint32_t channels = 1) const;

 private:
    struct Costs {
        double activate_pj;  ///< one bank, with its precharge
        double read_pj;      ///< one burst through the interface
        double write_pj;
        double refresh_all_bank_pj;
        double refresh_per_bank_pj;
        double precharged_mw;  ///< one rank
        double active_mw;
    };

    Costs per_bit_costs() const;
    Costs costs_of_currents() const;
    void add_interface_charges(std::vector<EnergyCharge>& charges, const Counters& counters) const;
    void add_pim_charges(std::vector<EnergyCharge>& charges, const Counters& counters) const;
    /// `channels_ps`: elapsed time of all channels together.
    void add_background(std::vector<EnergyCharge>& charges, const Counters& counters, double channels_ps) const;

    EnergyParameters parameters_;
    Organization organization_;
    TimingParameters timing_;
    Costs costs_;
};

/// Sums in pJ.
std::map<std::string, double> energy_by_component(const std::vector<EnergyCharge>& charges);
/// The same by EnergyCharge::name.
std::map<std::string, double> energy_by_command(const std::vector<EnergyCharge>& charges);

}  // namespace aqpim::dram
