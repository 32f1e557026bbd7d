package secret

import (
	"strings"
	"testing"
)

func TestName(t *testing.T) {
	for _, n := range []string{
		"PASSWORD", "DB_PASSWORD", "PGPASSWORD", "MYSQL_ROOT_PASSWORD", "ADMIN_PASSWD", "SECRET", "SECRET_KEY_BASE", "CLIENT_SECRET", "API_TOKEN", "GITHUB_TOKEN", "API_KEY",
		"STRIPE_APIKEY", "AWS_SECRET_ACCESS_KEY", "SSH_PRIVATE_KEY", "GOOGLE_CREDENTIALS", "AWS_CREDENTIAL", "dbPassword", "db.password", "smtp-pass", "DB_PWD", "KEY_PASSPHRASE",
	} {
		if !Name(n) {
			t.Errorf("%s is not seen as a secret", n)
		}
	}
	for _, n := range []string{
		"", "PORT", "LOG_LEVEL", "PWD", "OLDPWD_DIR", "PASSWORD_FILE", "POSTGRES_PASSWORD_FILE", "TOKEN_TTL", "MAX_TOKENS", "SECRET_NAME", "PASSWORD_MIN_LENGTH", "TOKEN_URL",
		"COMPASS", "BYPASS_CACHE", "MONKEY", "KEY", "PUBLIC_KEY", "CACHE_KEY", "AUTHOR", "SECRETARY", "PASSENGERS", "AWS_ACCESS_KEY_ID", "KEYBOARD", "TOKENIZER",
	} {
		if Name(n) {
			t.Errorf("%s is seen as a secret", n)
		}
	}
}

func TestLooks(t *testing.T) {
	for _, c := range []struct {
		name, value string
		want        bool
	}{
		{"DB_PASSWORD", "x", true},
		{"DB_PASSWORD", "", false},
		{"USE_TOKEN", "true", false},
		{"DATABASE_URL", "postgres://shop:pw@db:5432/shop", true},
		{"DATABASE_URL", "postgres://:pw@db:5432/shop", true},
		{"DATABASE_URL", "postgres://shop@db:5432/shop", false},
		{"DATABASE_URL", "postgres://shop:${DB_PASSWORD}@db/shop", false},
		{"DSN", "host=db user=shop password=pw", true},
		{"CALLBACK", "https://example.org/x?token=abc", true},
		{"CALLBACK", "https://example.org/x?page=2", false},
		{"LISTEN", "http://127.0.0.1:8080/", false},
		{"TLS", "-----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY-----", true},
		{"TLS", "-----BEGIN OPENSSH PRIVATE KEY-----\nabc", true},
		{"TLS", "-----BEGIN PRIVATE KEY-----\nabc", true},
		{"TLS", "-----BEGIN CERTIFICATE-----\nabc", false},
		{"HUB", "ghp_" + strings.Repeat("a1", 18), true},
		{"ID", "AKIA" + strings.Repeat("A", 16), true},
		{"GREETING", "hello world", false},
		{"TIME", "12:30:45@noon", false},
	} {
		if got := Looks(c.name, c.value); got != c.want {
			t.Errorf("Looks(%q, %q) = %v", c.name, c.value, got)
		}
	}
}

func FuzzLooks(f *testing.F) {
	f.Add("DB_PASSWORD", "x")
	f.Add("URL", "http://a:b@c")
	f.Fuzz(func(t *testing.T, name, value string) {
		if Looks(name, value) && strings.TrimSpace(value) == "" {
			t.Error("an empty value is a secret")
		}
		Name(name)
	})
}
