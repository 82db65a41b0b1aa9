#include "platform/results/atomic_file.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <iterator>

#include "models/common/error.h"

namespace aqpim {

namespace {

[[noreturn]] void refuse(const std::string& file) {
    // A stream that failed earlier does not tell why.
    throw InputError(
        fmt::format("{}: cannot be written: {}", file, errno != 0 ? std::strerror(errno) : "the disk may be full"));
}

}  // namespace

AtomicFile::AtomicFile(std::string file)
    : file_(std::move(file)), partial_(fmt::format("{}.partial-{}", file_, getpid())) {
    // The file is put in place by renaming, which would take the place of a device or a pipe.
    if (std::filesystem::exists(file_) && !std::filesystem::is_regular_file(file_)) {
        throw InputError(fmt::format("{}: cannot be written: it is no regular file", file_));
    }
    errno = 0;
    stream_.open(partial_, std::ios::binary | std::ios::trunc);
    if (!stream_) {
        refuse(file_);
    }
}

AtomicFile::~AtomicFile() {
    if (stream_.is_open()) {
        stream_.close();
        unlink(partial_.c_str());
    }
}

void AtomicFile::commit() {
    errno = 0;
    stream_.flush();
    if (!stream_ || std::rename(partial_.c_str(), file_.c_str()) != 0) {
        refuse(file_);
    }
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
