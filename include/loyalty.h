/**
 * @file loyalty.h
 * @brief All public headers of libloyalty, in the order of the rooms they belong to.
 */
#ifndef LOYALTY_H
#define LOYALTY_H

#include <loyalty/base.h>

#endif
