#pragma once

#include <string>

namespace aqpim {

/// `run.log` of a point: takes what the process prints, and is locked by it as long as it lives, so that two processes
/// never run one point at once.
class RunLog {
 public:
    /// Of the working directory. Waits some seconds for a process that is ending. Throws InputError when another one
    /// runs the point or the file cannot be written.
    RunLog();
    ~RunLog();
    RunLog(const RunLog&) = delete;
    RunLog& operator=(const RunLog&) = delete;

    /// What is printed from now on goes here.
    void redirect_output() const;

 private:
    int log_;
};

}  // namespace aqpim
