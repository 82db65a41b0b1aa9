#pragma once

#include <fstream>
#include <string>

namespace aqpim {

/// The place beside a file where it is written, until commit() renames it. Without commit() nothing remains, and an
/// earlier file stays as it was.
class PartialFile {
 public:
    /// Throws InputError where the file could not be put in place.
    explicit PartialFile(std::string file);
    ~PartialFile();
    PartialFile(const PartialFile&) = delete;
    PartialFile& operator=(const PartialFile&) = delete;

    const std::string& path() const { return partial_; }
    /// Throws InputError when it fails.
    void commit();
    /// Throws the InputError of a file that could not be written, with errno's reason if it tells one.
    [[noreturn]] void refuse() const;

 private:
    std::string file_;
    std::string partial_;
    bool is_committed_ = false;
};

/// A file that appears under its name only when it is whole: it is written beside it and renamed by commit(). Without
/// commit() nothing remains and an earlier file stays as it was.
class AtomicFile {
 public:
    /// Throws InputError when the file cannot be written there.
    explicit AtomicFile(std::string file);

    std::ostream& stream() { return stream_; }
    /// Throws InputError when not everything could be written (a full disk).
    void commit();

 private:
    PartialFile file_;
    std::ofstream stream_;
};

void write_file_atomically(const std::string& file, const std::string& contents);

/// Throws InputError when the file cannot be read.
std::string read_text_file(const std::string& file);

}  // namespace aqpim
