#pragma once

#include <vector>

#include "fake_devices.h"

extern "C" {
#include "capacity.h"
#include "decode.h"
#include "pim_plan.h"
#include "plan.h"
#include "prefill.h"
#include "tables.h"
}

/// Phases that were begun and have not ended.
extern unsigned open_phases;

/// The main job behind the enumeration: a shape, a memory, and queues of the fake devices.
struct Scene {
    aqpim_job job{};
    std::vector<aqpim_job_sequence> sequences;
    std::vector<aqpim_job_object> objects;
    run state{};
    FakeDevices fake{state};

    explicit Scene(window shape, unsigned heads = 4, unsigned kv_heads = 2, unsigned query_rows = 4);

    /// A batch of these prompts.
    void set_prompts(const std::vector<unsigned>& prompts);
    /// Every token stays in fp16.
    void keep_fp16();
    /// `levels` for what is neither sink nor recent.
    void keep_uniform(unsigned levels);
    /// Codebooks of the job's own, from which no vector is missing.
    void give_codebooks();
    /// Another organization of the memory; capacity in rows of a bank.
    void set_memory(unsigned channels, unsigned banks, unsigned rows);

    bool plan();
    bool run_job() { return plan() && run_prefill(&state) && run_decode(&state); }
    /// Makes the memory just large enough for what was planned.
    void cut_memory() { state.memory.columns = static_cast<std::uint32_t>(planned_columns(&state)); }

    /// Each head's attention must have seen each token up to the step's own once, keys and values, and all outputs must
    /// have come back.
    void check_attention() const;

 private:
    void place_tensors();
};
