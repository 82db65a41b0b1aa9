#pragma once

#include <fstream>
#include <string>

namespace aqpim {

/// A file that appears under its name only when it is whole: it is written beside it and renamed by commit(). Without
/// commit() nothing remains and an earlier file stays as it was.
class AtomicFile {
 public:
    /// Throws InputError when the file cannot be written there.
    explicit AtomicFile(std::string file);
    ~AtomicFile();
    AtomicFile(const AtomicFile&) = delete;
    AtomicFile& operator=(const AtomicFile&) = delete;

    std::ostream& stream() { return stream_; }
    /// Throws InputError when not everything could be written (a full disk).
    void commit();

 private:
    std::string file_;
    std::string partial_;
    std::ofstream stream_;
};

void write_file_atomically(const std::string& file, const std::string& contents);

/// Throws InputError when the file cannot be read.
std::string read_text_file(const std::string& file);

}  // namespace aqpim
