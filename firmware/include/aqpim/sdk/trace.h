/* Tells the platform which phase of the program runs (aqpim/trace_port.h). Does nothing on a machine without the port.
 */
#ifndef AQPIM_SDK_TRACE_H
#define AQPIM_SDK_TRACE_H

#include <stdint.h>

#include "aqpim/trace_port.h"

/* Phases nest; the argument (24 bits) is a step, a layer, or one's own. */
void aqpim_trace_begin(unsigned phase, uint32_t argument);
void aqpim_trace_end(unsigned phase);

#endif
