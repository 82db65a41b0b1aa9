#include "platform/study/study_template.h"

#include <fmt/format.h>

#include "models/common/error.h"
#include "platform/results/atomic_file.h"

namespace aqpim {

namespace {

using kainjow::mustache::data;
using kainjow::mustache::mustache;

/// Remembers the first name that led nowhere: Mustache itself shows nothing for it.
class StrictContext : public kainjow::mustache::context<std::string> {
 public:
    using context::context;

    const data* get(const std::string& name) const override {
        const data* found = context::get(name);
        if (found == nullptr && unknown_.empty()) {
            unknown_ = name;
        }
        return found;
    }

    const std::string& unknown() const { return unknown_; }

 private:
    mutable std::string unknown_;
};

/// For text within a line or a cell of a table.
std::string escape_markdown(const std::string& text) {
    std::string out;
    for (const char c : text) {
        switch (c) {
            case '|':
                out += "\\|";
                break;
            case '<':
                out += "&lt;";
                break;
            case '\n':
                out += ' ';
                break;
            default:
                out += c;
        }
    }
    return out;
}

}  // namespace

std::string render_template(const std::string& file, const std::string& page, const data& content) {
    mustache parsed(read_text_file(file));
    if (!parsed.is_valid()) {
        throw InputError(fmt::format("{}: not a Mustache template: {}", file, parsed.error_message()));
    }
    if (!page.ends_with(".html")) {
        parsed.set_custom_escape(escape_markdown);
    }
    StrictContext context(&content);
    std::string text = parsed.render(context);
    if (!context.unknown().empty()) {
        throw InputError(
            fmt::format("{}: unknown name '{}'; docs/sweep.md has those that there are", file, context.unknown()));
    }
    return text;
}

}  // namespace aqpim
