#include "platform/results/atomic_file.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <iterator>

#include "models/common/error.h"

namespace aqpim {

PartialFile::PartialFile(std::string file)
    : file_(std::move(file)), partial_(fmt::format("{}.partial-{}", file_, getpid())) {
    // The file is put in place by renaming, which would take the place of a device or a pipe.
    if (std::filesystem::exists(file_) && !std::filesystem::is_regular_file(file_)) {
        throw InputError(fmt::format("{}: cannot be written: it is no regular file", file_));
    }
}

PartialFile::~PartialFile() {
    if (!is_committed_) {
        unlink(partial_.c_str());
    }
}

void PartialFile::commit() {
    if (std::rename(partial_.c_str(), file_.c_str()) != 0) {
        refuse();
    }
    is_committed_ = true;
}

void PartialFile::refuse() const {
    // A stream that failed earlier does not tell why.
    throw InputError(
        fmt::format("{}: cannot be written: {}", file_, errno != 0 ? std::strerror(errno) : "the disk may be full"));
}

AtomicFile::AtomicFile(std::string file) : file_(std::move(file)) {
    errno = 0;
    stream_.open(file_.path(), std::ios::binary | std::ios::trunc);
    if (!stream_) {
        file_.refuse();
    }
}

void AtomicFile::commit() {
    errno = 0;
    stream_.flush();
    if (!stream_) {
        file_.refuse();
    }
    file_.commit();
    stream_.close();
}

void write_file_atomically(const std::string& file, const std::string& contents) {
    AtomicFile out(file);
    out.stream() << contents;
    out.commit();
}

std::string read_text_file(const std::string& file) {
    std::ifstream in(file, std::ios::binary);
    if (!in || std::filesystem::is_directory(file)) {
        throw InputError(fmt::format("{}: cannot be read: {}", file, std::strerror(in ? EISDIR : errno)));
    }
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

}  // namespace aqpim
