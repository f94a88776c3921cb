/* What `loyalty help` tells of nps, csat, servqual and items. */
#include "commands.h"

/* clang-format off: lines here are lines of the manual */

#define COMMON \
	"  --weight COLUMN      survey weights\n" \
	"  --missing-code LIST  numbers that mean no answer, such as -99,-98; empty cells and NA are missing\n" \
	"  --format FORMAT      table, csv or json\n" \
	"  --separator CHAR     what stands between cells (,); `tab` for tabs\n"

const char help_nps[] =
        "loyalty nps ANSWERS.csv COLUMN... [options]\n"
        "\n"
        "Net promoter score of each column: 100 (share of 9 and 10 - share of 0 to 6), its standard error and two\n"
        "95 % intervals: adjusted Wald (Rocks 2016) and, in low and high, all scores that a test does not reject\n"
        "(Tango 1998), which has a width even when all answers are alike. Answers off the scale are refused.\n"
        "\n"
        "  --scale LOW,HIGH     another scale of whole numbers; needs --bands\n"
        "  --bands MOST,LEAST   answers up to MOST count against, from LEAST on for (6,9)\n"
        COMMON
        "\n"
        "example\n"
        "  loyalty nps answers.csv recommend --missing-code -99\n";

const char help_csat[] =
        "loyalty csat ANSWERS.csv COLUMN... [options]\n"
        "\n"
        "Satisfaction and effort, of each column: the share in percent of answers in the top two boxes, its 95 %\n"
        "interval (Wilson 1927), the mean with its 95 % limits by Student's t, and the mean as an index from 0 to\n"
        "100. Answers off the scale are refused.\n"
        "\n"
        "  --scale LOW,HIGH     the scale of whole numbers (1,5)\n"
        "  --bands FIRST,LAST   the answers that are counted (the two highest)\n"
        COMMON
        "\n"
        "examples\n"
        "  loyalty csat answers.csv delivery staff price\n"
        "  loyalty csat answers.csv effort --scale 1,7 --bands 5,7\n";

const char help_servqual[] =
        "loyalty servqual ANSWERS.csv [WEIGHT*]DIMENSION=PERCEPTION[:EXPECTATION],... [...] [options]\n"
        "\n"
        "Service quality: what was perceived less what was expected (SERVQUAL, Parasuraman, Zeithaml & Berry 1988),\n"
        "of each dimension, its items, and all: the mean of dimensions, weighted if weights are said. t and p test\n"
        "that there is no gap. Without expectations the means of perceptions (SERVPERF, Cronin & Taylor 1992).\n"
        "Who left out an item is left out.\n"
        "\n"
        COMMON
        "\n"
        "examples\n"
        "  loyalty servqual answers.csv reliability=p1:e1,p2:e2 empathy=p3:e3\n"
        "  loyalty servqual answers.csv 0.6*reliability=p1,p2 0.4*empathy=p3 --weight w --format json\n";

const char help_items[] =
        "loyalty items ANSWERS.csv COLUMN COLUMN... [options]\n"
        "\n"
        "Do these questions measure one thing? Cronbach's alpha with its 95 % limits (Feldt 1965), Guttman's lambda\n"
        "6, sampling adequacy, Bartlett's test; and of each question its correlation with the score and with the\n"
        "rest, and alpha without it. COLUMN:reversed is turned by the ends of its scale.\n"
        "\n"
        "  --scale LOW,HIGH     ends of the scale: needed for reversed questions; answers beyond are refused\n"
        "  --missing NAME       listwise or pairwise (listwise)\n"
        COMMON
        "\n"
        "example\n"
        "  loyalty items answers.csv trust1 trust2 trust3:reversed --scale 1,7\n";
