#include "platform/sweep/slurm_executor.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <map>
#include <optional>
#include <span>
#include <thread>
#include <utility>

#include "models/common/error.h"
#include "platform/sweep/slurm_arrays.h"
#include "platform/sweep/slurm_queue.h"

namespace aqpim {

namespace {

using SteadyClock = std::chrono::steady_clock;
using TaskId = std::pair<std::string, std::size_t>;  // the array's number, the index in it

constexpr std::chrono::milliseconds look_interval{200};
constexpr std::chrono::milliseconds cancel_look_interval{500};
constexpr std::chrono::seconds cancel_interval{15};
/// So that an array's script stays well below the 4 MB that Slurm takes (max_script_size).
constexpr std::size_t longest_script = 1000;

/// A point that has not ended, as a task.
struct OpenPoint {
    const PointJob* job = nullptr;
    std::string text;  ///< in array_task()'s words
    TaskId id;
    bool is_running = false;
    std::optional<SteadyClock::time_point> gone_since;  ///< from the queue
};

/// Does not believe that the file is not there, as network file systems may remember it: they list directories afresh.
bool has_outcome(const std::string& directory) {
    std::error_code error;
    for (std::filesystem::directory_iterator entry(directory, error), end; !error && entry != end;
         entry.increment(error)) {
        if (entry->path().filename() == "outcome.json") {
            return true;
        }
    }
    return false;
}

class SlurmExecutor : public Executor {
 public:
    explicit SlurmExecutor(const SlurmOptions& options) : options_(options), arrays_(options.folder) {}

    std::set<std::size_t> keep_running(const std::vector<PointJob>& jobs) override;
    void run(const std::vector<PointJob>& jobs, const ExecutorWatch& watch) override;

 private:
    void open(const std::vector<PointJob>& jobs);
    void adopt();
    void submit_rest();
    void submit_array(std::span<OpenPoint*> points, std::vector<std::string>& before);
    void watch_until_ended(const ExecutorWatch& watch);
    void look_at_queue(const ExecutorWatch& watch);
    void look_for_outcomes(const ExecutorWatch& watch);
    std::optional<std::string> how_it_ended(const OpenPoint& point) const;
    std::vector<QueuedTask> queue() const { return queued_tasks(arrays_.name_prefix()); }
    void cancel_and_wait(const std::set<TaskId>& kept) const;

    SlurmOptions options_;
    SlurmArrays arrays_;
    std::vector<OpenPoint> open_;
};

void SlurmExecutor::open(const std::vector<PointJob>& jobs) {
    open_.clear();
    for (const PointJob& job : jobs) {
        open_.push_back({&job, array_task(job), {}, false, {}});
    }
}

std::set<std::size_t> SlurmExecutor::keep_running(const std::vector<PointJob>& jobs) {
    open(jobs);
    adopt();
    std::set<std::size_t> points;
    std::set<TaskId> kept;
    for (const OpenPoint& point : open_) {
        if (!point.id.first.empty()) {
            points.insert(point.job->index);
            kept.insert(point.id);
        }
    }
    cancel_and_wait(kept);
    return points;
}

/// Finds the open points among the queued tasks.
void SlurmExecutor::adopt() {
    std::map<std::string, OpenPoint*> by_text;
    for (OpenPoint& point : open_) {
        by_text[point.text] = &point;
    }
    std::map<std::string, std::vector<std::string>> texts_of_array;
    for (const QueuedTask& task : queue()) {
        auto texts = texts_of_array.find(task.name);
        if (texts == texts_of_array.end()) {
            texts = texts_of_array.emplace(task.name, arrays_.tasks(task.name)).first;
        }
        const auto point = task.index < texts->second.size() ? by_text.find(texts->second[task.index]) : by_text.end();
        if (point != by_text.end() && point->second->id.first.empty()) {
            point->second->id = {task.job, task.index};
        }
    }
}

void SlurmExecutor::submit_rest() {
    std::vector<OpenPoint*> rest;
    std::vector<std::string> before;
    for (OpenPoint& point : open_) {
        if (point.id.first.empty()) {
            rest.push_back(&point);
        } else if (before.empty() || before.back() != point.id.first) {
            before.push_back(point.id.first);
        }
    }
    if (rest.empty()) {
        return;
    }
    const std::size_t longest = std::min(longest_array(), longest_script);
    try {
        for (std::size_t first = 0; first < rest.size(); first += longest) {
            submit_array(std::span(rest).subspan(first, std::min(longest, rest.size() - first)), before);
        }
    } catch (const InputError&) {
        cancel_and_wait({});
        throw;
    }
}

/// `before`: the arrays that have to end first if only so many tasks may run at once.
void SlurmExecutor::submit_array(std::span<OpenPoint*> points, std::vector<std::string>& before) {
    std::vector<std::string> texts;
    for (const OpenPoint* point : points) {
        texts.push_back(point->text);
    }
    const SlurmArray array = arrays_.add(texts);
    ArraySubmission submission{array.name,
                               array.script,
                               arrays_.folder(),
                               array.log,
                               points.size(),
                               options_.most_at_once,
                               {},
                               options_.sbatch_arguments};
    if (options_.most_at_once != 0) {
        submission.after = before;
    }
    const std::string job = submit(submission);
    for (std::size_t index = 0; index < points.size(); ++index) {
        points[index]->id = {job, index};
    }
    before = {job};
}

void SlurmExecutor::look_at_queue(const ExecutorWatch& watch) {
    std::map<TaskId, bool> is_waiting;
    try {
        for (const QueuedTask& task : queue()) {
            is_waiting[{task.job, task.index}] = task.is_waiting;
        }
    } catch (const InputError&) {
        // A controller that does not answer (it is started again) does not say that the tasks are gone.
        return;
    }
    for (OpenPoint& point : open_) {
        const auto task = is_waiting.find(point.id);
        if (task == is_waiting.end()) {
            point.gone_since = point.gone_since.value_or(SteadyClock::now());
            continue;
        }
        point.gone_since.reset();
        if (!task->second && !point.is_running) {
            point.is_running = true;
            watch.on_state(point.job->index, PointState::running, {});
        }
    }
}

/// How a point has ended, in PointState's words; nothing if it has not.
std::optional<std::string> SlurmExecutor::how_it_ended(const OpenPoint& point) const {
    if (has_outcome(point.job->directory)) {
        return std::string();
    }
    if (!point.gone_since || SteadyClock::now() < *point.gone_since + options_.result_delay) {
        return std::nullopt;
    }
    return how_task_ended(point.id.first, point.id.second).value_or("gone from Slurm's queue without a result");
}

void SlurmExecutor::look_for_outcomes(const ExecutorWatch& watch) {
    std::erase_if(open_, [&](const OpenPoint& point) {
        const std::optional<std::string> how = how_it_ended(point);
        if (how) {
            if (!point.is_running) {
                watch.on_state(point.job->index, PointState::running, {});
            }
            watch.on_state(point.job->index, PointState::ended, *how);
        }
        return how.has_value();
    });
}

void SlurmExecutor::watch_until_ended(const ExecutorWatch& watch) {
    SteadyClock::time_point next_look;
    while (!open_.empty() && !watch.is_interrupted()) {
        if (SteadyClock::now() >= next_look) {
            look_at_queue(watch);
            next_look = SteadyClock::now() + options_.queue_interval;
        }
        look_for_outcomes(watch);
        std::this_thread::sleep_for(look_interval);
    }
}

void SlurmExecutor::run(const std::vector<PointJob>& jobs, const ExecutorWatch& watch) {
    open(jobs);
    adopt();
    look_for_outcomes(watch);
    if (!watch.is_interrupted()) {
        submit_rest();
    }
    watch_until_ended(watch);
    if (!open_.empty()) {
        cancel_and_wait({});
        look_for_outcomes(watch);
    }
}

/// Ends all queued tasks but these, and returns when they are gone.
void SlurmExecutor::cancel_and_wait(const std::set<TaskId>& kept) const {
    SteadyClock::time_point next_cancel;
    while (true) {
        std::vector<std::string> meant;
        try {
            for (const QueuedTask& task : queue()) {
                if (!kept.contains({task.job, task.index})) {
                    meant.push_back(fmt::format("{}_{}", task.job, task.index));
                }
            }
            if (meant.empty()) {
                return;
            }
        } catch (const InputError&) {
            // Slurm does not answer just now.
        }
        if (SteadyClock::now() >= next_cancel) {
            cancel(meant);
            next_cancel = SteadyClock::now() + cancel_interval;
        }
        std::this_thread::sleep_for(cancel_look_interval);
    }
}

}  // namespace

std::unique_ptr<Executor> make_slurm_executor(const SlurmOptions& options) {
    return std::make_unique<SlurmExecutor>(options);
}

}  // namespace aqpim
