#include "platform/results/fst_writer.h"

#include <fmt/format.h>
#include <fstapi.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <utility>

#include "models/common/error.h"

namespace aqpim {

namespace {

/// The library does not tell when a write has failed. A file is a row of blocks, each a byte that says its kind and
/// eight of its length, themselves included, most significant first; it is whole if they end where the file does and
/// none is still marked as being written.
bool is_whole(const std::string& file) {
    std::ifstream in(file, std::ios::binary);
    const std::uintmax_t size = std::filesystem::file_size(file);
    std::uint64_t position = 0;
    while (position < size) {
        in.seekg(static_cast<std::streamoff>(position));
        const int kind = in.get();
        std::uint64_t length = 0;
        for (int i = 0; i < 8; ++i) {
            length = length << 8 | static_cast<unsigned>(in.get() & 0xff);
        }
        if (!in || kind == FST_BL_SKIP || length < 8 || length > size - position) {
            return false;
        }
        position += 1 + length;
    }
    return position == size && size != 0;
}

}  // namespace

FstWriter::FstWriter(const std::string& file) : file_(file), context_(fstWriterCreate(file_.path().c_str(), 1)) {
    if (context_ == nullptr) {
        file_.refuse();
    }
    fstWriterSetPackType(context_, FST_WR_PT_LZ4);
    fstWriterSetTimescaleFromString(context_, "1ps");
    fstWriterSetVersion(context_, "aqpim-vp");
    fstWriterSetDate(context_, "");
}

FstWriter::~FstWriter() {
    close();
}

void FstWriter::close() {
    if (context_ != nullptr) {
        fstWriterClose(std::exchange(context_, nullptr));
    }
}

void FstWriter::enter_scope(const std::string& name) {
    fstWriterSetScope(context_, FST_ST_VCD_MODULE, name.c_str(), nullptr);
}

void FstWriter::leave_scope() {
    fstWriterSetUpscope(context_);
}

SignalId FstWriter::add_signal(SignalKind kind, const std::string& name) {
    const fstVarType type = kind == SignalKind::bit    ? FST_VT_VCD_WIRE
                            : kind == SignalKind::text ? FST_VT_GEN_STRING
                                                       : FST_VT_VCD_REAL;
    return fstWriterCreateVar(context_, type, FST_VD_IMPLICIT, 1, name.c_str(), 0);
}

void FstWriter::set_time(Picoseconds time_ps) {
    if (!has_time_ || time_ps != time_ps_) {
        fstWriterEmitTimeChange(context_, time_ps);
        has_time_ = true;
        time_ps_ = time_ps;
    }
}

void FstWriter::change(SignalId signal, bool value) {
    fstWriterEmitValueChange(context_, signal, value ? "1" : "0");
}

void FstWriter::change(SignalId signal, std::string_view value) {
    fstWriterEmitVariableLengthValueChange(context_, signal, value.data(), static_cast<std::uint32_t>(value.size()));
}

void FstWriter::change(SignalId signal, double value) {
    fstWriterEmitValueChange(context_, signal, &value);
}

void FstWriter::finish(Picoseconds end_ps) {
    set_time(end_ps);
    const bool failed = fstWriterGetFseekFailed(context_) != 0;
    errno = 0;
    close();
    if (failed || !is_whole(file_.path())) {
        file_.refuse();
    }
    file_.commit();
}

}  // namespace aqpim
