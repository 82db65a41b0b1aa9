#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "models/common/error.h"
#include "platform/channel_order.h"
#include "platform/configuration.h"
#include "platform/results/output_directory.h"
#include "sc_main/commands.h"
#include "sc_main/output_options.h"

namespace aqpim {

namespace po = boost::program_options;

namespace {

constexpr std::string_view sorted_files[] = {"channel_order_k.npy", "channel_order_v.npy"};

Command describe_sort() {
    Command command{"sort-channels", "CONFIG...", po::options_description("Options")};
    const auto text = [](const char* argument) { return po::value<std::string>()->value_name(argument); };
    add_set_option(command);
    auto add = command.options.add_options();
    add("keys", text("F"), "sample keys, .npy [layers, kv_heads, tokens, head_dim]");
    add("values", text("F"), "sample values, .npy of such a shape");
    add("out", text("DIR"), "where channel_order_k.npy and channel_order_v.npy go (default out/NAME)");
    add("quiet", po::bool_switch(), "print errors only");
    add_help_option(command);
    return command;
}

Tensor read_samples(const std::string& key, const std::string& file) {
    if (file.empty()) {
        throw InputError(fmt::format(
            "{}: no file found; sample activations, .npy [layers, kv_heads, tokens, head_dim], are needed", key));
    }
    Tensor samples = read_npy(file);
    if (samples.shape.size() != 4 || samples.elements() == 0) {
        throw InputError(
            fmt::format("{}: shape {} found; [layers, kv_heads, tokens, head_dim] is allowed, each 1 or more", file,
                        shape_text(samples.shape)));
    }
    if (!std::all_of(samples.data.begin(), samples.data.end(), [](float value) { return std::isfinite(value); })) {
        throw InputError(fmt::format("{}: a value that is no number found; finite values are allowed", file));
    }
    return samples;
}

struct Sorted {
    ChannelOrder order;
    std::string summary;
};

Sorted sort_samples(const Tensor& samples, const Configuration& configuration, RopePairs pairs) {
    const std::size_t subvectors = configuration.pq.subvectors;
    Sorted sorted{sort_channels(samples, subvectors, pairs, configuration.sim.seed), {}};
    const ChannelOrder& order = sorted.order;
    if (subvectors == order.head_dim) {
        sorted.summary = "nothing to sort: each subvector has one channel; the order stays as it is";
        return sorted;
    }
    const ChannelOrder unsorted = identity_order(order.layers, order.kv_heads, order.head_dim);
    sorted.summary = fmt::format(
        "mean absolute cosine similarity in a subvector {:.3f} before, {:.3f} sorted ({} subvectors of {}{})",
        mean_similarity(samples, unsorted, subvectors), mean_similarity(samples, order, subvectors), subvectors,
        order.head_dim / subvectors, pairs == RopePairs::none ? "" : ", in RoPE's pairs");
    return sorted;
}

}  // namespace

int sort_command(const Arguments& arguments) {
    const Command command = describe_sort();
    const po::variables_map given = parse(command, arguments);
    if (given.count("help") != 0) {
        print_help(command);
        return 0;
    }
    const Arguments files = positional_arguments(command, given);
    const std::string out_dir = optional_text(given, "out").value_or(default_out_dir(files));
    refuse_empty("out", out_dir);
    Configuration configuration;
    configure(configuration, files, given);

    const WorkloadParameters& workload = configuration.workload;
    const Tensor key_samples = read_samples("workload.keys", workload.keys);
    const Tensor value_samples = read_samples("workload.values", workload.values);
    const Sorted keys = sort_samples(key_samples, configuration, rope_pairs(workload.rope));
    const Sorted values = sort_samples(value_samples, configuration, RopePairs::none);

    OutputDirectory out(out_dir, sorted_files);
    write_channel_order(out.path("channel_order_k.npy"), keys.order);
    write_channel_order(out.path("channel_order_v.npy"), values.order);
    out.publish();
    if (!given["quiet"].as<bool>()) {
        fmt::print("keys            {}\nvalues          {}\nresults         {}\n", keys.summary, values.summary,
                   out_dir);
    }
    return 0;
}

}  // namespace aqpim
