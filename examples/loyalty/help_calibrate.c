/* What `loyalty help calibrate` tells. */
#include "commands.h"

/* clang-format off: lines here are lines of the manual */

const char help_calibrate[] =
        "loyalty calibrate FILE... [options]\n"
        "\n"
        "Learns what evidence should weigh from what customers answered and did next, and writes the model so\n"
        "calibrated to standard output. FILE is a table of events, as `loyalty score` reads them. They are lived\n"
        "through again in the order in which they happened; each survey answer, and each purchase that came or\n"
        "did not come, is compared with what was known just before. Half-lives by grid (--half-lives), then the\n"
        "weights of each construct, parents first; the mix of composites last.\n"
        "\n"
        "  --model MODEL        the model to start from: built-in name or file (retail)\n"
        "  --target C=WHAT      what is asked about construct C: an instrument such as csat, an item of one such\n"
        "                       as trust:2, or `purchase`: bought again within --horizon; may be given again.\n"
        "                       If not given, by name: satisfaction by csat and satisfaction, trust by trust, value\n"
        "                       by value, attitudinal and loyalty by nps and loyalty, behavioural by purchase\n"
        "  --horizon DAYS       of the target `purchase` (90)\n"
        "  --half-lives LIST    factors to try on all half-lives, such as 0.1,0.3,1; the least loss wins (1)\n"
        "  --folds N            judge on every N-th customer, left out of a fit of its own (0: nobody is)\n"
        "  --format FORMAT      table, csv or json: a report instead of the model\n"
        "  --columns MAPPING, --separator CHAR, --progress, --quiet, --strict    as with `loyalty score`\n"
        "\n"
        "The report has a row for each construct: mean loss of the fit, of the model before, of the mean answer\n"
        "alone; spread and limit of its interval, which need answers repeated within a week; and on customers\n"
        "left out loss, error, bias, and how many answers lie in the 90 % interval. Then the weights, with their\n"
        "relative standard errors.\n"
        "\n"
        "examples\n"
        "  loyalty calibrate events.csv --half-lives 0.1,0.3,1 > mine.model\n"
        "  loyalty calibrate events.csv --folds 5 --format table\n"
        "  loyalty score events.csv --model mine.model\n";
