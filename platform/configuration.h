#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "models/bus/bus.h"
#include "models/common/parameter.h"
#include "models/cpu/hart_parameters.h"
#include "models/dram/dram_parameters.h"
#include "models/dram/energy.h"
#include "models/gpu/gpu_parameters.h"
#include "models/memory/memory.h"
#include "models/pcie/pcie_parameters.h"
#include "models/pim/arithmetic.h"
#include "models/pim/pim_parameters.h"
#include "platform/hbm_parameters.h"
#include "platform/workload.h"

namespace aqpim {

/// The run itself.
struct SimulationParameters {
    Picoseconds time_limit_ps = 0;
    std::uint64_t seed = 0;
    bool check_protocol = false;
    std::string data;  ///< "functional" or "timing"
    std::uint32_t threads = 0;

    void declare(ParameterSection sim);
    /// Every command is issued and timed, but nothing is computed.
    bool is_timing() const { return data == "timing"; }
};

/// Which devices there are, how they hang together, and where keys and values are kept.
struct PlatformParameters {
    std::string kv;           ///< "pim", "gpu" or "host"
    std::string kv_overflow;  ///< "refuse" or "host"
    bool kv_prefetch = false;
    std::uint32_t gpus = 0;
    std::uint32_t pim_devices = 0;
    std::string topology;  ///< "flat" or "cascaded"
    std::string weights;   ///< "gpu" or "package"

    void declare(ParameterSection platform);
    bool keeps_kv_in_pim() const { return kv == "pim"; }
    /// Layers that do not fit where `kv` has them go to RAM.
    bool kv_may_overflow() const { return kv_overflow == "host" && kv != "host"; }
    bool keeps_weights_in_package() const { return weights == "package"; }
    bool is_cascaded() const { return topology == "cascaded"; }
};

/// Energy beyond the PIM memory's.
struct TransferEnergyParameters {
    double pcie_pj_per_bit = 0;
    double gpu_memory_pj_per_bit = 0;
    double gpu_mac_pj = 0;
    double gpu_idle_mw = 0;
    double chip_to_chip_pj_per_bit = 0;
    double host_instruction_pj = 0;
    double host_memory_pj_per_bit = 0;

    void declare(ParameterSection energy);
};

/// Every parameter of a platform, bound to the models' own structs.
struct Configuration {
    ParameterTable table;

    SimulationParameters sim;
    PlatformParameters platform;
    WorkloadParameters workload;
    QuantizationParameters pq;
    std::string firmware;    ///< as read_images takes it; empty: the decode program built with the platform
    std::string load;        ///< the same
    std::string uart_input;  ///< as UartLine takes it
    HartParameters hart;
    BusParameters bus;
    MemoryParameters ram;
    PcieParameters pcie;
    GpuParameters gpu;
    std::string gpu_memory_model;  ///< "stream" or "dram"
    HbmParameters hbm;
    std::string pim_attach;  ///< "pcie" or "gpu"
    PimParameters pim;
    dram::DramParameters dram;
    dram::EnergyParameters dram_energy;
    TransferEnergyParameters transfer_energy;

    Configuration();
    Configuration(const Configuration&) = delete;
    Configuration& operator=(const Configuration&) = delete;

    /// To be called when all files and options have been read: puts presets' figures in where none is given. Throws
    /// InputError for an unknown preset.
    void finish();

    /// Refuses values that are allowed one by one but not together. Throws InputError.
    void check() const;

    /// Of the engines, and so of the tensors.
    Arithmetic arithmetic() const { return pim.engine_arithmetic(); }
    /// Whether there is a job for the firmware. Another firmware than the platform's own need not be given one.
    bool has_job() const { return firmware.empty() || workload.is_given(); }
    bool pim_is_in_gpu() const { return pim_attach == "gpu"; }
    bool gpu_memory_is_dram() const { return gpu_memory_model == "dram"; }

    /// What the engines and firmware's layout ask of the memory. Throws InputError.
    void check_pim_memory() const;

    std::map<std::string, Picoseconds> dram_timing() const { return dram.jedec_timing_ps(); }

 private:
    void derive_gpu_memory();
    /// Whether the GPU's copy engines may ask for more at once than they are told to, which costs fewer transactions:
    /// in closed form, and where they keep the link busy anyway.
    bool bursts_may_grow() const;
    void check_job() const;
    void check_platform() const;
    void check_gpu_memory() const;
};

}  // namespace aqpim
