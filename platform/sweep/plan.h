#pragma once

#include <string>
#include <vector>

namespace aqpim {

/// What a point's configuration is made of, in order: a configuration file, or one parameter.
struct ConfigurationLayer {
    std::string file;  ///< empty: a parameter
    std::string key;
    std::string value;
    std::string origin;  ///< of the parameter, as ParameterTable::set takes it: "--axis"
};

/// Where a point lies on one axis: of a parameter, named by its key, or of configurations, named without a dot.
struct AxisValue {
    std::string axis;
    std::string value;  ///< as it is shown: the parameter's value, or the configuration's name
};

/// One run of a sweep.
struct SweepPoint {
    std::string set;   ///< which of a study's sets of points it belongs to; "grid" where there is only one
    std::string name;  ///< of its directory: index and values, as file names allow
    std::vector<AxisValue> axes;
    std::vector<ConfigurationLayer> layers;
};

struct SweepAxis {
    std::string name;
    std::vector<std::string> values;
};

/// All that a sweep is to run.
struct SweepPlan {
    std::string title;
    std::vector<SweepAxis> axes;  ///< of all sets together, in the order in which they were given
    std::vector<SweepPoint> points;
};

}  // namespace aqpim
