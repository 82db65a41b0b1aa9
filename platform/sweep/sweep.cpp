#include "platform/sweep/sweep.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <optional>
#include <set>

#include "models/common/error.h"
#include "platform/results/atomic_file.h"
#include "platform/results/config_file.h"
#include "platform/results/report.h"
#include "platform/sweep/plan_file.h"
#include "platform/sweep/point.h"
#include "platform/sweep/program.h"
#include "platform/sweep/sweep_directory.h"
#include "platform/sweep/sweep_results.h"

namespace aqpim {

namespace {

enum ExitStatus { exit_usage = 2, exit_stopped = 3 };

/// A point on its way.
struct Entry {
    std::size_t runs_as = 0;  ///< the first point of the same configuration: this one or an earlier one
    std::string digest;       ///< of its configuration
    bool has_job = false;
    std::string how;                      ///< its process ended otherwise than by exiting
    std::optional<PointOutcome> outcome;  ///< when it has ended
};

class Sweep {
 public:
    Sweep(const SweepPlan& plan, Executor& executor, SweepProgress& progress, const SweepOptions& options)
        : plan_(plan),
          executor_(executor),
          progress_(progress),
          options_(options),
          directory_(options.out_dir),
          entries_(plan.points.size()) {
        for (std::size_t i = 0; i < entries_.size(); ++i) {
            entries_[i].runs_as = i;
        }
        if (options.restart) {
            executor.keep_running({});
            directory_.clear();
        }
        keep_plan(plan, directory_.path());
    }

    SweepEnd run() {
        for (std::size_t i = 0; i < entries_.size() && !options_.is_interrupted(); ++i) {
            resolve_point(i);
        }
        const std::set<std::size_t> outlived = executor_.keep_running(make_jobs());
        for (std::size_t i = 0; i < entries_.size() && !options_.is_interrupted(); ++i) {
            if (entries_[i].has_job && !outlived.contains(i)) {
                prepare(i);
            }
        }
        progress_.begin(counts());
        if (!options_.is_interrupted()) {
            executor_.run(make_jobs(), watch());
        }
        return finish();
    }

 private:
    std::string point_directory(std::size_t index) const {
        return directory_.file(SweepDirectory::point(plan_.points[index].name));
    }

    void resolve_point(std::size_t index) {
        Entry& entry = entries_[index];
        try {
            Configuration configuration;
            resolve(configuration, plan_.points[index].layers);
            entry.digest = point_digest(configuration.table);
            entry.runs_as = by_digest_.try_emplace(entry.digest, index).first->second;
            entry.has_job = entry.runs_as == index;
        } catch (const InputError& error) {
            refuse(index, error.what());
        }
    }

    /// Makes a point ready to run, unless it is done.
    void prepare(std::size_t index) {
        Entry& entry = entries_[index];
        if (is_kept(index)) {
            entry.has_job = false;
            return;
        }
        try {
            Configuration configuration;
            resolve(configuration, plan_.points[index].layers);
            directory_.renew_point(plan_.points[index].name);
            write_config_file(configuration.table, point_directory(index) + "/point.cfg");
        } catch (const InputError& error) {
            refuse(index, error.what());
        }
    }

    /// Whether an earlier sweep has done it, so that it need not run again.
    bool is_kept(std::size_t index) {
        const std::optional<PointOutcome> earlier = read_outcome(point_directory(index));
        if (!earlier || !earlier->is_done() || !is_current(*earlier, entries_[index]) ||
            !std::filesystem::exists(point_directory(index) + "/stats.json")) {
            return false;
        }
        entries_[index].outcome = earlier;
        return true;
    }

    bool is_current(const PointOutcome& outcome, const Entry& entry) const {
        return outcome.point_digest == entry.digest && outcome.program_digest == program_.digest;
    }

    /// A point that cannot run.
    void refuse(std::size_t index, const std::string& message) {
        entries_[index].has_job = false;
        entries_[index].outcome = PointOutcome{exit_usage, message, {}, {}, program_.digest};
        try {
            directory_.renew_point(plan_.points[index].name);
            write_outcome(*entries_[index].outcome, point_directory(index));
        } catch (const InputError&) {  // a full disk: sweep.json tells of it
        }
    }

    std::vector<PointJob> make_jobs() const {
        std::vector<PointJob> jobs;
        for (std::size_t i = 0; i < entries_.size(); ++i) {
            if (entries_[i].has_job) {
                jobs.push_back({i,
                                point_directory(i),
                                {program_.executable, "sweep", "--run-point", point_directory(i), "--point-digest",
                                 entries_[i].digest, "--program-digest", program_.digest, "--threads",
                                 fmt::to_string(options_.worker_threads)}});
            }
        }
        return jobs;
    }

    /// Before any runs. Points that run as another one do not count.
    SweepCounts counts() const {
        SweepCounts counts;
        for (const Entry& entry : entries_) {
            if (entry.outcome) {
                ++(entry.outcome->is_done() ? counts.done : counts.failed);
            }
            counts.points += entry.outcome || entry.has_job ? 1 : 0;
        }
        return counts;
    }

    ExecutorWatch watch() {
        return {[this](std::size_t index, PointState state, const std::string& how) { note(index, state, how); },
                [this] {
                    progress_.show(SweepProgress::Clock::now());
                    return options_.is_interrupted();
                }};
    }

    void note(std::size_t index, PointState state, const std::string& how) {
        const auto now = SweepProgress::Clock::now();
        if (state == PointState::running) {
            progress_.started(index, now);
            return;
        }
        Entry& entry = entries_[index];
        entry.how = how;
        entry.outcome = read_outcome(point_directory(index));
        if (!entry.outcome && !options_.is_interrupted()) {
            entry.outcome = lost_outcome(entry);
        }
        if (entry.outcome) {
            progress_.ended(index, entry.outcome->is_done(), now);
        } else {
            progress_.lost(index);
        }
    }

    /// Of a process that left none.
    PointOutcome lost_outcome(const Entry& entry) const {
        constexpr std::uint64_t few_bytes = 64 << 10;
        std::string message = entry.how.empty() ? "ended without an outcome; see its run.log" : entry.how;
        if (entry.how.empty() && directory_.free_bytes() < few_bytes) {
            message = "its results cannot be written: the disk is full";
        }
        return {exit_stopped, message, {}, {}, program_.digest};
    }

    /// Points that never ran, though nobody interrupted, and those that run as another.
    void complete(bool is_interrupted) {
        for (Entry& entry : entries_) {
            if (entry.has_job && !entry.outcome && !is_interrupted) {
                entry.outcome = lost_outcome(entry);
            }
            const Entry& first = entries_[entry.runs_as];
            if (&first != &entry) {
                entry.outcome = first.outcome;
            }
        }
    }

    SweepEnd finish() {
        SweepEnd end;
        end.points = entries_.size();
        end.is_interrupted = options_.is_interrupted();
        complete(end.is_interrupted);
        end.results = sweep_json(plan_, ended(), directory_.path());
        try {
            write_results(end.results);
        } catch (const InputError& error) {
            end.trouble = error.what();
        }
        return end;
    }

    void write_results(const nlohmann::json& results) const {
        write_file_atomically(directory_.file("sweep.json"),
                              results.dump(1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
        write_file_atomically(directory_.file("sweep.csv"), sweep_csv(results));
        write_file_atomically(directory_.file("report.html"), render_sweep_report(results));
    }

    std::vector<EndedPoint> ended() const {
        std::vector<EndedPoint> points;
        for (std::size_t i = 0; i < entries_.size(); ++i) {
            if (entries_[i].outcome) {
                const std::string& name = plan_.points[entries_[i].runs_as].name;
                points.push_back({i, SweepDirectory::point(name), *entries_[i].outcome});
            }
        }
        return points;
    }

    const SweepPlan& plan_;
    Executor& executor_;
    SweepProgress& progress_;
    const SweepOptions& options_;
    SweepDirectory directory_;
    Program program_ = this_program();
    std::vector<Entry> entries_;                    // by index of the point
    std::map<std::string, std::size_t> by_digest_;  // the first point that has it
};

}  // namespace

std::size_t SweepEnd::count(const std::string& status) const {
    const nlohmann::json& ended = results.at("points");
    return static_cast<std::size_t>(std::count_if(
        ended.begin(), ended.end(), [&](const nlohmann::json& point) { return point.at("status") == status; }));
}

SweepEnd run_sweep(const SweepPlan& plan, Executor& executor, SweepProgress& progress, const SweepOptions& options) {
    return Sweep(plan, executor, progress, options).run();
}

}  // namespace aqpim
