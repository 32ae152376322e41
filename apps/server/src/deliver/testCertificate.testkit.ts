// A certificate for "localhost" with its key, both public here and good for tests only; valid for a hundred years.
export const testCertificate = {
  key: `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgVgv5r52k9RQGFD/7
TyKLz+RRP2yx7l7+8AgOSlyNTUuhRANCAARutVFEshrcTIXgb6zBasnE33pmaYdJ
Uyed4y08qtcA/roo3FsekVWHjnYG8Yzyx9ZP52mOCQRCfMssZbmcd7eh
-----END PRIVATE KEY-----`,
  cert: `-----BEGIN CERTIFICATE-----
MIIBlTCCATugAwIBAgIUY3IBtbuuoCJlj0sY0kKP/JPReRwwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyNjE0NTIzNFoYDzIxMjYxMTAy
MTQ1MjM0WjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAARutVFEshrcTIXgb6zBasnE33pmaYdJUyed4y08qtcA/roo3FsekVWH
jnYG8Yzyx9ZP52mOCQRCfMssZbmcd7eho2kwZzAdBgNVHQ4EFgQUt4zbrMPsSnQm
ApXpfuaR+KXgwDMwHwYDVR0jBBgwFoAUt4zbrMPsSnQmApXpfuaR+KXgwDMwDwYD
VR0TAQH/BAUwAwEB/zAUBgNVHREEDTALgglsb2NhbGhvc3QwCgYIKoZIzj0EAwID
SAAwRQIhAPBNC394qhmGS/lPs28otOxGpB7+DR8hEjlKU/I5PjgUAiB0hri3TqSP
7lwMhURugHwlD98QcH3XFI/OB1py7hsSPA==
-----END CERTIFICATE-----`,
} as const;
