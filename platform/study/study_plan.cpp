#include "platform/study/study_plan.h"

#include <fmt/format.h>

#include <algorithm>

#include "models/common/error.h"
#include "platform/configuration.h"
#include "platform/results/config_file.h"
#include "platform/sweep/grid.h"

namespace aqpim {

namespace {

using Labels = std::map<std::string, std::string>;

/// Files and parameters of a point while they are gathered: files come first, whoever gives them.
class Layers {
 public:
    explicit Layers(std::string origin) : origin_(std::move(origin)) {}

    void add(const StudyChange& change) {
        for (const std::string& file : change.configs) {
            files_.push_back({file, {}, {}, {}});
        }
        for (const auto& [key, value] : change.parameters) {
            parameters_.push_back({{}, key, value, origin_});
        }
    }

    std::vector<ConfigurationLayer> all() const {
        std::vector<ConfigurationLayer> all = files_;
        all.insert(all.end(), parameters_.begin(), parameters_.end());
        return all;
    }

 private:
    std::string origin_;
    std::vector<ConfigurationLayer> files_;
    std::vector<ConfigurationLayer> parameters_;
};

std::vector<ConfigurationLayer> layers_of(const Study& study, const PointReference& reference) {
    const StudySet& set = *study.find(reference.set);
    Layers own(study.file);
    own.add(study.change);
    own.add(set.change);
    for (const bool parameters : {false, true}) {
        for (const StudyAxis& axis : set.axes) {
            if (is_parameter_axis(axis.name) == parameters) {
                own.add(axis.find(reference.at.at(axis.name))->change);
            }
        }
    }
    Layers variation(study.file);
    variation.add(reference.change);
    std::vector<ConfigurationLayer> all = own.all();
    const std::vector<ConfigurationLayer> changed = variation.all();
    all.insert(all.end(), changed.begin(), changed.end());
    return all;
}

SweepPoint point_of(const Study& study, const PointReference& reference) {
    return {reference.set, {}, axes_of(study, reference), layers_of(study, reference)};
}

/// All combinations of a set's labels, the last axis running fastest.
std::vector<PointReference> points_of(const StudySet& set) {
    std::vector<PointReference> all = {{set.name, {}, {}}};
    for (const StudyAxis& axis : set.axes) {
        std::vector<PointReference> longer;
        for (const PointReference& point : all) {
            for (const StudyAxisValue& value : axis.values) {
                longer.push_back(point);
                longer.back().at[axis.name] = value.label;
            }
        }
        all = std::move(longer);
        if (all.size() > most_points) {
            throw InputError(fmt::format("set '{}': more than {} points found; up to {} are allowed", set.name,
                                         most_points, most_points));
        }
    }
    return all;
}

void add_quotient(std::vector<PointReference>& points, const Quotient& quotient) {
    const auto add = [&points](const PointReference& point) {
        if (!point.change.empty() && std::find(points.begin(), points.end(), point) == points.end()) {
            points.push_back(point);
        }
    };
    add(quotient.numerator.point);
    if (quotient.denominator) {
        add(quotient.denominator->point);
    }
}

/// What claims, tornados and tables look at that is no point of a set.
std::vector<PointReference> variations_of(const Study& study) {
    std::vector<PointReference> points;
    for (const Claim& claim : study.claims) {
        for (const ClaimRow& row : claim.rows) {
            add_quotient(points, row.quotient);
        }
    }
    for (const Tornado& tornado : study.tornados) {
        for (const TornadoBar& bar : tornado.bars) {
            for (const TornadoEnd& end : bar.ends) {
                add_quotient(points, end.quotient);
            }
        }
    }
    for (const StudyTable& table : study.tables) {
        for (const auto& row : table.cells) {
            for (const Quotient& cell : row) {
                add_quotient(points, cell);
            }
        }
    }
    return points;
}

/// Axes and values of all points, in the order in which they come.
std::vector<SweepAxis> axes_of(const std::vector<SweepPoint>& points) {
    std::vector<SweepAxis> axes;
    for (const SweepPoint& point : points) {
        for (const AxisValue& place : point.axes) {
            auto axis =
                std::find_if(axes.begin(), axes.end(), [&](const auto& each) { return each.name == place.axis; });
            if (axis == axes.end()) {
                axis = axes.insert(axes.end(), {place.axis, {}});
            }
            if (std::find(axis->values.begin(), axis->values.end(), place.value) == axis->values.end()) {
                axis->values.push_back(place.value);
            }
        }
    }
    return axes;
}

/// A value that only some points have is left to them; a key that there is not would fail them all.
void refuse_unknown_keys(const SweepPlan& plan) {
    Configuration probe;
    for (const SweepPoint& point : plan.points) {
        for (const ConfigurationLayer& layer : point.layers) {
            if (!layer.key.empty() && probe.table.find(layer.key) == nullptr) {
                set_from_option(probe.table, layer.key, layer.value, layer.origin);  // throws, naming the nearest
            }
        }
    }
}

}  // namespace

std::vector<AxisValue> axes_of(const Study& study, const PointReference& reference) {
    std::vector<AxisValue> axes;
    for (const StudyAxis& axis : study.find(reference.set)->axes) {
        axes.push_back({axis.name, reference.at.at(axis.name)});
    }
    if (!reference.change.empty()) {
        axes.push_back({std::string(variation_axis), change_label(reference.change)});
    }
    return axes;
}

SweepPlan plan_of_study(const Study& study) {
    SweepPlan plan;
    plan.title = study.title;
    std::vector<PointReference> references;
    for (const StudySet& set : study.sets) {
        const std::vector<PointReference> points = points_of(set);
        references.insert(references.end(), points.begin(), points.end());
    }
    const std::vector<PointReference> variations = variations_of(study);
    references.insert(references.end(), variations.begin(), variations.end());
    for (const PointReference& reference : references) {
        plan.points.push_back(point_of(study, reference));
    }
    plan.axes = axes_of(plan.points);
    name_points(plan.points);
    refuse_unknown_keys(plan);
    return plan;
}

}  // namespace aqpim
