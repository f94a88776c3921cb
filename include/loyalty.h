/**
 * @file loyalty.h
 * @brief libloyalty: the customer-loyalty engine you link in. This header includes all the others.
 */
#ifndef LOYALTY_H
#define LOYALTY_H

#include <loyalty/base.h>
#include <loyalty/moments.h>
#include <loyalty/event.h>
#include <loyalty/profile.h>
#include <loyalty/model.h>
#include <loyalty/scorecard.h>
#include <loyalty/files.h>
#include <loyalty/store.h>
#include <loyalty/journal.h>
#include <loyalty/sync.h>
#include <loyalty/privacy.h>
#include <loyalty/survival.h>
#include <loyalty/cox.h>
#include <loyalty/transactions.h>
#include <loyalty/lifetime.h>
#include <loyalty/regression.h>
#include <loyalty/paths.h>
#include <loyalty/pls.h>
#include <loyalty/sem.h>
#include <loyalty/bootstrap.h>
#include <loyalty/predict.h>
#include <loyalty/groups.h>
#include <loyalty/calibration.h>
#include <loyalty/survey.h>
#include <loyalty/items.h>

#endif
