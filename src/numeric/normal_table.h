/* Written by special_tables.py: coefficients, the lowest power first. */
#ifndef LOY_NUMERIC_NORMAL_TABLE_H
#define LOY_NUMERIC_NORMAL_TABLE_H
/* clang-format off */

#define NORMAL_ROOT_2_PI_HIGH 0x1.40d931ff62706p+1
#define NORMAL_ROOT_2_PI_LOW  -0x1.a6a0d6f814637p-53
#define NORMAL_LOG_ROOT_2_PI_HIGH 0x1.d67f1c864beb5p-1
#define NORMAL_LOG_ROOT_2_PI_LOW  -0x1.65b5a1b7ff5dfp-55

/* (z + 3) sf(z) / pdf(z) in u = 48 / (z + 3) - (row + 1/2), |u| <= 1/2: relative error 2e-17. */
static const double normal_mills[16][10] = {
	{
		0x1.083a3ed9863ecp+0, 0x1.0ebbdf95b7fbcp-4, 0x1.e83b96fefbd3cp-9, 0x1.6d5cf3ee06c80p-13,
		0x1.84eec76bfc0cdp-18, 0x1.751d11451a884p-25, -0x1.62b84def1323ap-27, -0x1.93ed668c4ab98p-31,
		-0x1.86e84a0931a89p-37, 0x1.152e0b1003be9p-39,
	},
	{
		0x1.1a25e74cb8350p+0, 0x1.2f7c1ba5a70cbp-4, 0x1.18aa55b8c746bp-8, 0x1.9e671a302a64bp-13,
		0x1.875b135402ddcp-18, -0x1.266cd24dfe266p-25, -0x1.0bb4f208211e0p-26, -0x1.941589142412cp-31,
		0x1.d5b8ff8e83da6p-37, 0x1.dad1245c82352p-39,
	},
	{
		0x1.2e43a7932862bp+0, 0x1.55172e43291c2p-4, 0x1.41c51c9b78c31p-8, 0x1.cde5e67e09418p-13,
		0x1.6a88da44c0917p-18, -0x1.30fa7b1ba518ap-23, -0x1.5890467e2e516p-26, -0x1.12663d39a12d6p-31,
		0x1.94a5295afe7a8p-35, 0x1.f9e81bb649c61p-39,
	},
	{
		0x1.44e5a6ab59961p+0, 0x1.801a737f46a58p-4, 0x1.6f1570dec13f6p-8, 0x1.f75d5ecdc9666p-13,
		0x1.25c3f360ed080p-18, -0x1.21ba3202df317p-22, -0x1.79a4022394e2ap-26, -0x1.13b7e7a31a480p-36,
		0x1.3cfb4812d52a0p-34, 0x1.09d6c7e860cedp-39,
	},
	{
		0x1.5e6662cb0e30cp+0, 0x1.b100fc798fdacp-4, 0x1.9fcc11f33d826p-8, 0x1.0ac192cbfba08p-12,
		0x1.6ad3672acaf25p-19, -0x1.ab2bdcc8de840p-22, -0x1.570dbd92f367bp-26, 0x1.47d2d6f7a5a01p-31,
		0x1.4e696c3026d43p-34, -0x1.331d20c93f94cp-40,
	},
	{
		0x1.7b271118a310dp+0, 0x1.e823e53351565p-4, 0x1.d298f5715d833p-8, 0x1.1187c2cd8a54ep-12,
		0x1.d90f62f7e3e66p-22, -0x1.0d01fdd12b4c0p-21, -0x1.da9fec4117f2ep-27, 0x1.372ff462c08b1p-30,
		0x1.d82bf14606605p-35, -0x1.02937e0a38301p-38,
	},
	{
		0x1.9b8cffa3639f6p+0, 0x1.12d55fd847689p-3, 0x1.02dbd26bc1d40p-7, 0x1.0de0fa82d9837p-12,
		-0x1.2b2e37f0cf2f6p-19, -0x1.2b64abf490d92p-21, -0x1.4493dff3034ddp-28, 0x1.846fe0cd8c976p-30,
		0x1.09dd586831c8cp-36, -0x1.4207e034b76bep-38,
	},
	{
		0x1.bffe1283d3fa5p+0, 0x1.34bf862fb1dc1p-3, 0x1.1b8998fbb1289p-7, 0x1.fd45392b1cbd1p-13,
		-0x1.521d21f6429d8p-18, -0x1.2a86eb530a46ap-21, 0x1.665fb0a0f3ea6p-28, 0x1.79e3ab46160fcp-30,
		-0x1.99e0ca9cfb165p-36, -0x1.0605195910c6ep-38,
	},
	{
		0x1.e8dca2e63b02ap+0, 0x1.59a2ac9e927e0p-3, 0x1.323d8109e9258p-7, 0x1.c7a9475b9d332p-13,
		-0x1.022d44c49a1b1p-17, -0x1.0b298accb07a1p-21, 0x1.ddc3d5d4f4a4dp-27, 0x1.271960e90ee37p-30,
		-0x1.af8d7967e8fcfp-35, -0x1.0fafb4ee64681p-39,
	},
	{
		0x1.0b4193cb45199p+1, 0x1.812eb713dc49cp-3, 0x1.45ee5b38d029ap-7, 0x1.7d564297d29b9p-13,
		-0x1.4d872e34294afp-17, -0x1.a7b3ed1fde37ep-22, 0x1.563b2ff1018a5p-26, 0x1.5c29db424a19cp-31,
		-0x1.feb62302ec215p-35, -0x1.20bcd14766a67p-43,
	},
	{
		0x1.24a00c6b96437p+1, 0x1.aaf4b27cb1252p-3, 0x1.55bb9c44ad9c5p-7, 0x1.228e004b65706p-13,
		-0x1.8518fe22e2596p-17, -0x1.1c8f57ab9ec9ap-22, 0x1.86c27cb65eba3p-26, 0x1.8d1f7dde83708p-33,
		-0x1.d2edd3cfd2fc7p-35, 0x1.3bc6656fd0e6fp-40,
	},
	{
		0x1.40a93a1968055p+1, 0x1.d66d1f8a5950cp-3, 0x1.60ff455022054p-7, 0x1.795e0f5d55932p-14,
		-0x1.a604fc7e5505ap-17, -0x1.11f3028288f85p-23, 0x1.84d0ab3724c13p-26, -0x1.ad5a42075939bp-33,
		-0x1.5f775807fe036p-35, 0x1.db88636c8021ep-40,
	},
	{
		0x1.5f7393b0640b9p+1, 0x1.017ff3c7628dfp-2, 0x1.67568ca75545ap-7, 0x1.45bc81cde0a66p-15,
		-0x1.b058baa245e78p-17, 0x1.21192d2e9d2f7p-29, 0x1.5c9aed7aa6dc3p-26, -0x1.f18adfa7073f5p-32,
		-0x1.abf78d6733e20p-36, 0x1.e20c493a3e12ep-40,
	},
	{
		0x1.810bc28b5d64cp+1, 0x1.18066c1eff8ffp-2, 0x1.68a1e2261c348p-7, -0x1.9cb0adc17ad00p-17,
		-0x1.a65cb2eb61d1fp-17, 0x1.e62ee06c1218fp-24, 0x1.1ce1496614915p-26, -0x1.43649958f60e2p-31,
		-0x1.63215c8ba1752p-37, 0x1.8e97cac0782acp-40,
	},
	{
		0x1.a574624376b48p+1, 0x1.2e79d798be99fp-2, 0x1.64fe4ca0f90f4p-7, -0x1.00b77762918c5p-14,
		-0x1.8bbbb795e6f6ep-17, 0x1.ad5fb6ba4611cp-23, 0x1.a662d66a6df5cp-27, -0x1.565278ab41ddap-31,
		0x1.c4b1e7251e3eep-41, 0x1.191c6ba8793eap-40,
	},
	{
		0x1.cca638ebc3629p+1, 0x1.448d83de2cc4cp-2, 0x1.5cba9c05c58b3p-7, -0x1.bd41bb0f2ff4cp-14,
		-0x1.64b9fefa24432p-17, 0x1.1804702a5c8abp-22, 0x1.13ff351b607a5p-27, -0x1.41ad410fb54eap-31,
		0x1.16b7937c699c4p-37, 0x1.4d29f65599f62p-41,
	},
};

/* erf(x) / x in x^2 <= 1/4. */
static const double normal_erf[11] = {
	0x1.20dd750429b6dp+0, -0x1.812746b0379e7p-2, 0x1.ce2f21a042be0p-4, -0x1.b82ce312889f2p-6,
	0x1.565bcd0e5f5a0p-8, -0x1.c02db3f9d6c71p-11, 0x1.f9a324a327ab3p-14, -0x1.f4d1cff2cac2fp-17,
	0x1.b9d19f664b4c1p-20, -0x1.5d7686c510032p-23, 0x1.c60ae6747e9bcp-27,
};

/* clang-format on */
#endif
