/* The decode steps: one new token each, through all layers. */
#ifndef AQPIM_APP_DECODE_H
#define AQPIM_APP_DECODE_H

#include "run.h"

/* False after an error on a device. */
bool run_decode(struct run* run);

#endif
