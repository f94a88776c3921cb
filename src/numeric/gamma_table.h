/* Written by special_tables.py: coefficients, the lowest power first. */
#ifndef LOY_NUMERIC_GAMMA_TABLE_H
#define LOY_NUMERIC_GAMMA_TABLE_H
/* clang-format off */

#define GAMMA_HALF_LOG_2_PI_HIGH 0x1.d67f1c864beb5p-1
#define GAMMA_HALF_LOG_2_PI_LOW  -0x1.65b5a1b7ff5dfp-55
#define GAMMA_PI_HIGH 0x1.921fb54442d18p+1
#define GAMMA_PI_LOW  0x1.1a62633145c07p-53
#define DIGAMMA_ROOT_HIGH 0x1.762d86356be3fp+0
#define DIGAMMA_ROOT_LOW  0x1.b86a722197829p-54

/* x (log gamma(x) - (x - 1/2) log x + x - log(2 pi) / 2) in 1/x^2 <= 0.16: 4e-18. */
static const double gamma_binet[14] = {
	0x1.5555555555555p-4, -0x1.6c16c16c11fcbp-9, 0x1.a01a01813ef0fp-11, -0x1.38136d3b83098p-11,
	0x1.b94aff384cdd2p-11, -0x1.f5f05f288081dp-10, 0x1.9d79315acc4f0p-8, -0x1.b9142bb923a00p-6,
	0x1.061ee605d918fp-3, -0x1.27024238aa361p-1, 0x1.117453ee9bfabp+1, -0x1.71a62fa2cac13p+2,
	0x1.3a9ccd15228fcp+3, -0x1.f3237681f8b01p+2,
};

/* log gamma(2 + z) / z for |z| <= 1/2: error 6e-17. */
static const double gamma_two[19] = {
	0x1.b0ee6072093cep-2, 0x1.4a34cc4a60fa7p-2, -0x1.13e001a557607p-4, 0x1.51322ac7d7fd2p-6,
	-0x1.e404fc218ecffp-8, 0x1.7add6eae5b8fdp-9, -0x1.38ac5c2c96006p-10, 0x1.0b36af3424c50p-11,
	-0x1.d3fd4bda4f97bp-13, 0x1.a127dd231f4b2p-14, -0x1.78de85fa0bf74p-15, 0x1.5806d7786fbc2p-16,
	-0x1.3cb5f201754a6p-17, 0x1.2640a5e8ab73ep-18, -0x1.125408d7ee6ebp-19, 0x1.edf317afe0c72p-21,
	-0x1.d06b46182e294p-22, 0x1.2b4bb069ee6a9p-22, -0x1.1be56b7e101c6p-23,
};

/* (log x - 1/(2x) - digamma(x)) x^2 in 1/x^2 <= 0.16. */
static const double digamma_asymptotic[15] = {
	0x1.5555555555554p-4, -0x1.111111110b1bfp-7, 0x1.041040edeb2a8p-8, -0x1.1111008de7fb5p-8,
	0x1.f0758c7bed96dp-8, -0x1.592e4cf4fb762p-6, 0x1.510e4a9cf30e2p-4, -0x1.a54c340c8eca7p-2,
	0x1.289497b67f7dep+1, -0x1.97760eea28df8p+3, 0x1.e2a00a73c2dbep+5, -0x1.be66349694d69p+7,
	0x1.252dccbc52a7ep+9, -0x1.df29bdca04ae7p+9, 0x1.6b4bd10449d16p+9,
};

/* digamma(root + z) / z for -0.27 <= z <= 0.3. */
static const double digamma_near_root[17] = {
	0x1.ef72bc8ee38acp-1, -0x1.c563b54aa1a31p-2, 0x1.08b4294d50414p-2, -0x1.4fc131725915dp-3,
	0x1.b9a5b636e677fp-4, -0x1.27baba245d23ep-4, 0x1.8fce02d42d569p-5, -0x1.0fa7ed56eda3dp-5,
	0x1.723d5a5ba8f53p-6, -0x1.f96f8a07c47f8p-7, 0x1.5958b55aed345p-7, -0x1.d84f054a2b86bp-8,
	0x1.428dd1d99ba5bp-8, -0x1.b551ef83c0bb0p-9, 0x1.32590f54a5ff0p-9, -0x1.df3ad608f74b2p-10,
	0x1.1727c3e132605p-10,
};

/* (trigamma(x) - 1/x - 1/(2x^2)) x^3 in 1/x^2 <= 0.16. */
static const double trigamma_asymptotic[16] = {
	0x1.5555555555553p-3, -0x1.111111110868cp-5, 0x1.8618616175e04p-6, -0x1.1111017e2d139p-5,
	0x1.364a085c4a234p-4, -0x1.02f0527dc1ddcp-2, 0x1.279eb0c7448eep+0, -0x1.ab08820ed981ep+2,
	0x1.5d85b73e9f55ep+5, -0x1.1d25848206ac4p+8, 0x1.9e390eeaab966p+10, -0x1.eb325a1961382p+12,
	0x1.ba299a50a6c3dp+14, -0x1.16e82959e4931p+16, 0x1.b37b0226bdce8p+16, -0x1.3b07050fadea1p+16,
};

/* clang-format on */
#endif
