/*
 * The door of the lifetime room: how long customers stay, transactions as what is fitted. The rooms above it have
 * nothing to ask for that is not public.
 */
#ifndef LOY_LIFETIME_LIFETIME_H
#define LOY_LIFETIME_LIFETIME_H

#include <loyalty/cox.h>
#include <loyalty/transactions.h>

#include "core/core.h"
#include "numeric/numeric.h"

#endif
