#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "models/common/clock.h"
#include "models/common/quantity.h"

namespace aqpim {

/// How the origin of a value starts that comes from a preset, which somebody chose by another parameter.
inline constexpr std::string_view preset_origin = "preset ";

/// A parameter's value in its base unit (ps, B, B/s, fJ, FLOP/s) for machine-readable output.
using BaseValue = std::variant<bool, std::uint64_t, double, std::string>;

/// One declared parameter: all that `--help`, `aqpim-vp config` and the documentation say of it.
struct Parameter {
    std::string key;   ///< "pcie.lanes"
    std::string type;  ///< "count", "time", "size", "choice", ...
    std::string default_text;
    std::string range;   ///< what is allowed, in words
    std::string help;    ///< one line
    std::string source;  ///< where the default comes from
    std::string text;    ///< the value as resolved
    std::string origin;  ///< "default", "configs/aqpim.cfg:12", "--set"
    BaseValue base_value;
    std::function<BaseValue(const std::string&)> assign;  ///< parses, checks and stores; throws InputError
    std::vector<std::string> words;                       ///< of type "path": what is no file's name
};

/// `text`, a value of `parameter`, with each file's name in it replaced by what `change` makes of it.
std::string change_paths(const Parameter& parameter, const std::string& text,
                         const std::function<std::string(const std::string&)>& change);

template <class T>
struct Range {
    T min = std::numeric_limits<T>::lowest();
    T max = std::numeric_limits<T>::max();
};

/// What the words of a parameter's declaration are, in this order, so that declarations read as a table.
struct About {
    std::string help;
    std::string source;
};

class ParameterTable;

/// Declares the parameters of one model under a section's name and binds each to the field that holds it. The fields
/// must outlive the table. Each call stores the default at once.
class ParameterSection {
 public:
    ParameterSection(ParameterTable& table, std::string name) : table_(table), name_(std::move(name)) {}

    void flag(bool& field, std::string_view name, bool value, About about);
    void count(std::uint32_t& field, std::string_view name, std::uint32_t value, Range<std::uint32_t> range,
               About about);
    void count(std::uint64_t& field, std::string_view name, std::uint64_t value, Range<std::uint64_t> range,
               About about);
    /// Allows powers of two in `range` only.
    void power_of_two(std::uint32_t& field, std::string_view name, std::uint32_t value, Range<std::uint32_t> range,
                      About about);
    void real(double& field, std::string_view name, double value, Range<double> range, About about);
    void text(std::string& field, std::string_view name, std::string value, About about);
    /// A file; relative names count from the folder of the configuration file that gives them.
    void path(std::string& field, std::string_view name, About about);
    /// One of `words` (the first is the default), or a file.
    void path_or_word(std::string& field, std::string_view name, std::vector<std::string> words, About about);
    /// Any number of files, separated by commas.
    void paths(std::string& field, std::string_view name, About about);
    void choice(std::string& field, std::string_view name, std::string value, std::vector<std::string> allowed,
                About about);
    void clock(Clock& field, std::string_view name, std::string value, About about);
    void time(Picoseconds& field, std::string_view name, std::string value, About about);
    void size(std::uint64_t& field, std::string_view name, std::string value, About about);
    void bandwidth(std::uint64_t& field, std::string_view name, std::string value, About about);
    /// "none", the default, stores 0.
    void optional_bandwidth(std::uint64_t& field, std::string_view name, About about);
    void compute(double& flop_per_second, std::string_view name, std::string value, About about);
    void energy(double& field_pj, std::string_view name, std::string value, About about);
    void energy_per_bit(double& field_pj, std::string_view name, std::string value, About about);
    void power(double& field_mw, std::string_view name, std::string value, About about);
    void current(double& field_ma, std::string_view name, std::string value, About about);
    void voltage(double& field_v, std::string_view name, std::string value, About about);

 private:
    void add(std::string_view name, std::string type, std::string range, std::string value, About about,
             std::function<BaseValue(const std::string&)> assign);
    /// The field holds thousands of the dimension's base unit.
    void thousands(double& field, std::string_view name, std::string type, Dimension dimension, std::string value,
                   About about);

    ParameterTable& table_;
    std::string name_;
};

/// Every parameter of a platform, in the order of declaration.
class ParameterTable {
 public:
    ParameterTable() = default;
    ParameterTable(const ParameterTable&) = delete;
    ParameterTable& operator=(const ParameterTable&) = delete;

    ParameterSection section(std::string name) { return {*this, std::move(name)}; }

    /// Sets `key` from text. `origin` names the file and line, or the option, and starts every message. Throws
    /// InputError for an unknown key (naming the nearest known one) or a value that is not allowed.
    void set(const std::string& key, const std::string& text, const std::string& origin);
    /// The same where nobody has given `key` a value; a further call replaces what an earlier one set. `origin` starts
    /// with `preset_origin`.
    void set_default(const std::string& key, const std::string& text, const std::string& origin);

    const std::vector<Parameter>& parameters() const { return parameters_; }
    const Parameter* find(std::string_view key) const;

 private:
    friend class ParameterSection;
    std::string nearest(std::string_view key) const;

    std::vector<Parameter> parameters_;
};

}  // namespace aqpim
