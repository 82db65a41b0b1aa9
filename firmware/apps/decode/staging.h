/* Linear areas of the PIM memory: what the GPU leaves for a command and fetches from it, and the commands' tables. */
#ifndef AQPIM_APP_STAGING_H
#define AQPIM_APP_STAGING_H

#include "run.h"

/* Fills in the addresses of waves and plan; with `write`, also of each object's table of extents. */
void plan_staging(struct run* run, bool write);

#endif
