package secret

import (
	"strings"
	"testing"
)

// Values as they stand in real files, all invented. Names that say nothing are for what the value alone has to show.
var values = []struct {
	name, value string
	want        bool
}{
	// secret by name
	{"DB_PASSWORD", "hunter2", true},
	{"REDIS_REQUIREPASS", "tulip-9", true},
	{"SMTP_PASS", "x", true},
	{"SESSION_SECRET", "keyboard cat", true},
	{"SECRET_KEY_BASE", "abc", true},
	{"DJANGO_SECRET_KEY", "django-insecure-k2)w$", true},
	{"APP_KEY", "base64:9mWq0bTnYx1rKfVd3sLgPzHcJ8uEaRi7", true},
	{"HASHIDS_SALT", "pinch of it", true},
	{"BASIC_AUTH", "admin:geheim", true},
	{"WIREGUARD_PSK", "q1w2e3", true},
	{"ENCRYPTION_KEY", "0011223344556677", true},
	{"SENTRY_DSN", "https://9f2c4e6a8b0d1f3a5c7e9b2d4f6a8c0e@o12345.ingest.example.io/42", true},
	{"DATABASE_DSN", "shop:geheim@tcp(127.0.0.1:3306)/shop?parseTime=true", true},
	{"PASSWORD", "/aB3x/9", true},
	{"ROOT_PASSWORD_HASH", "$2b$12$abcdefghijklmnopqrstuv", true},

	// names that only speak of one
	{"DB_PASSWORD_FILE", "/run/secrets/db", false},
	{"TOKEN_TTL", "3600", false},
	{"JWT_PUBLIC_KEY", "-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----", false},
	{"CACHE_KEY_PREFIX", "shop:", false},
	{"API_KEY_HEADER", "X-Api-Key", false},
	{"SECRET_NAME", "shop-secrets", false},
	{"NEXT_PUBLIC_MAP_TOKEN", "pk.demo", false},
	{"CSRF_TOKEN", "csrftoken", false},
	{"RECAPTCHA_SITE_KEY", "6LcDEMO", false},
	{"PASSWORD_RESET_URL", "https://shop.example/reset", false},
	{"USE_TOKEN", "1", false},
	{"REQUIRE_PASSWORD", "true", false},
	{"TLS_KEY", "/etc/ssl/private/shop.pem", false},
	{"GOOGLE_APPLICATION_CREDENTIALS", "/etc/shop/gcp.json", false},
	{"SSH_PRIVATE_KEY", "/home/deploy/.ssh/id_ed25519", false},
	{"DB_PASSWORD", "arn:aws:secretsmanager:eu-central-1:123456789012:secret:db", false},
	{"API_TOKEN", "vault:secret/data/shop#token", false},
	{"DATABASE_DSN", "postgres://shop@db.internal:5432/shop?sslmode=disable", false},
	{"DATABASE_DSN", "host=db user=shop dbname=shop sslmode=disable", false},
	{"MYSQL_DSN", "shop@unix(/run/mysqld/mysqld.sock)/shop", false},
	{"DATABASE_DSN", "sqlite:///var/lib/shop/shop.db", false},
	{"PROXY_PASS", "http://127.0.0.1:3000", false},
	{"MAX_TOKENS", "4096", false},
	{"PARTITION_KEY", "customer_id", false},
	{"PASS_THROUGH", "yes please", false},
	{"SECRET_KEY", "unused", false},
	{"", "SECRET_KEY=unused python3 manage.py collectstatic", false},

	// passwords in addresses
	{"DATABASE_URL", "postgres://shop:p%40ss@db.internal:5432/shop", true},
	{"DATABASE_URL", "mysql2://shop:a/b@db/shop", true},
	{"AMQP", "amqps://shop:geheim@mq.internal:5671/%2f", true},
	{"CACHE", "redis://:geheim@127.0.0.1:6379/0", true},
	{"MONGO", "mongodb+srv://shop:geheim@cluster0.ab1cd.mongodb.example/shop?retryWrites=true", true},
	{"SMTP", "smtp://mailer:geheim@mail.example:587", true},
	{"PROXY", "http://corp:geheim@proxy.example:3128", true},
	{"SPRING_DATASOURCE_URL", "jdbc:postgresql://db:5432/shop?user=shop&password=geheim", true},
	{"JDBC", "jdbc:sqlserver://db:1433;databaseName=shop;user=sa;password=geheim;encrypt=true", true},
	{"JDBC", "jdbc:oracle:thin:scott/tiger@//db:1521/shop", true},
	{"DB", "shop:geheim@tcp(db:3306)/shop", true},
	{"DB", "shop:geheim@unix(/run/mysqld/mysqld.sock)/shop", true},
	{"LIBPQ", "host=db port=5432 user=shop password='two words' dbname=shop", true},
	{"ODBC", "Driver={ODBC Driver 18};Server=db;Uid=shop;Pwd=geheim;", true},
	{"STORAGE", "DefaultEndpointsProtocol=https;AccountName=shop;AccountKey=Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6;EndpointSuffix=core.example", true},
	{"BUS", "Endpoint=sb://shop.example/;SharedAccessKeyName=root;SharedAccessKey=Zm9vYmFyYmF6", true},
	{"CALLBACK", "https://shop.example/hook?token=abcdef123456", true},
	{"ALERTS", "https://hooks.slack.com/services/T00000000/B00000000/abcdefghijklmnopqrstuvwx", true},
	{"BOT", "https://api.telegram.org/bot123456789:AAbbccddeeff/sendMessage", true},
	{"REPO", "https://x-access-token:geheim123@git.example/shop/web.git", true},
	{"DATABASE_URL", "postgres://shop:${DB_PASSWORD}@db/shop", false},
	{"DATABASE_URL", "postgres://shop:$PW@db/shop", false},
	{"DATABASE_URL", "postgres://shop@db.internal:5432/shop", false},
	{"DATABASE_URL", "postgresql:///shop?host=/run/postgresql", false},
	{"BROKER", "amqp://mq.internal:5672//", false},
	{"UPSTREAM", "http://[::1]:8080/v1", false},
	{"REPO", "git@git.example:shop/web.git", false},
	{"REPO", "ssh://git@git.example:2222/shop/web.git", false},
	{"LIBPQ", "host=db port=5432 user=shop dbname=shop", false},
	{"SEARCH", "https://shop.example/find?page=2&sort=price", false},
	{"JDBC", "jdbc:postgresql://db:5432/shop", false},
	{"DB", "shop@tcp(db:3306)/shop", false},
	{"TIME", "12:30:45@noon", false},

	// key material and tokens
	{"TLS", "-----BEGIN RSA PRIVATE KEY-----\nMIIEow\n-----END RSA PRIVATE KEY-----", true},
	{"TLS", "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIIFHD", true},
	{"DEPLOY", "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXk", true},
	{"GPG", "-----BEGIN PGP PRIVATE KEY BLOCK-----\n\nlQOY", true},
	{"SOPS", "AGE-SECRET-KEY-1" + strings.Repeat("QPZRY9X8", 7), true},
	{"ID", "AKIA" + "QWERTYUIOP234567", true},
	{"CI", "ghp_" + strings.Repeat("aB3d", 9), true},
	{"CI", "github_pat_" + strings.Repeat("11ABCDE0_x", 4), true},
	{"CI", "glpat-" + "xY12zW34vU56tS78rQ90", true},
	{"CHAT", "xoxb-" + "123456789012-abcdefGHIJKL", true},
	{"PAY", "sk_live_" + "4eC39HqLyjWDarjtT1", true},
	{"PAY", "rk_test_" + "4eC39HqLyjWDarjtT1", true},
	{"HOOK", "whsec_" + "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", true},
	{"MAPS", "AIza" + "SyA1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q", true},
	{"MAIL", "SG." + "abcdefghijklmnopqrstuv.ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789abcdefg", true},
	{"NPM", "npm_" + strings.Repeat("a1B2c3", 6), true},
	{"SESSION", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJzaG9wIn0.c2lnbmF0dXJlLWhlcmU", true},
	{"TLS", "-----BEGIN CERTIFICATE-----\nMIIDazCCAlOgAwIBAgIUQ", false},
	{"AUTHORIZED", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ0k3l2m1n0oPqRsTuVwXyZ deploy@shop", false},
	{"PAY", "pk_live_" + "4eC39HqLyjWDarjtT1zdp7dc", false},
	{"RECIPIENT", "age1" + strings.Repeat("qpzry9x8", 7) + "qq", false},

	// long and random
	{"COOKIE", "r7Kx2mQ9vT4pLw8ZbN3cYf6H", true},
	{"SIGNING", "Zk3+9xQv/1mN7bT2rLwP8sJcYdF5hGaE", true},
	{"SEED", "f3a9c1e7b2d8046f5a1c3e9b7d2f8064a5c1e3f97b2d80465c1a3e9f7b2d8064", true},
	{"GATE", "3Hq8-Zx7vB2nM4kP9sT1wY6rJ5dF_cL0", true},
	{"APPSETTING", "base64:" + "q3F9xZt7L0mV8bK2wN5sRyC1dHgJ4pT6uEaXoIvM+8k=", true},
	{"PEPPERMINT", "x8f2k9d4m1q7w3z6b5n0c8v2h4j9", true},
	{"GIT_COMMIT", "4b825dc642cb6eb9a060e54bf8d69288fbee4904", false},
	{"BUILT_FROM", "4b825dc642cb6eb9a060e54bf8d69288fbee4904", false},
	{"IMAGE_DIGEST", "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", false},
	{"CHECKSUM", "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", false},
	{"INTEGRITY", "sha384-oqVuAfXRKap7fdgcCY5uykM6+R9GqQ8K/uxy9rx7HNQlGYl1kPzQho1wx4JwY8wC", false},
	{"TENANT", "3f2504e0-4f89-11d3-9a0c-0305e82c3301", false},
	{"MACHINE_ID", "b08dfa6083e7567a1921a715000001fb", false},
	{"ETAG", "5d41402abc4b2a76b9719d911017c592", false},
	{"DATA", "/var/lib/shop/releases/20260114T093011Z-9f86d08/current", false},
	{"JAR", "/opt/shop/lib/shop-orders-service-2.14.3-SNAPSHOT-jar-with-dependencies.jar", false},
	{"GLOB", "./node_modules/.bin/next-build-manifest.json", false},
	{"CONFIG", "eyJsZXZlbCI6ImluZm8iLCJjb2xvdXIiOnRydWV9", false},
	{"CONFIG", "aGVsbG8sIHdvcmxkIG9mIGJvb2tz", false},
	{"CONFIG", "eyJ1cmwiOiJwb3N0Z3JlczovL3Nob3A6Z2VoZWltQGRiL3Nob3AifQ==", true}, // a connection string inside
	{"VERSION_STRING", "1.24.3-rc.2+build.20260114.9f86d08", false},
	{"AGENT", "Mozilla/5.0+(compatible;ShopBot/2.1;+https://shop.example/bot)", false},
	{"POD", "orders-7d9f8c6b5d-x2x9z.shop.svc.cluster.local", false},
	{"QUEUE", "https://sqs.eu-central-1.amazonaws.com/123456789012/shop-orders-dead-letter", false},
	{"ROLE", "arn:aws:iam::123456789012:role/ShopOrdersTaskExecutionRole", false},
	{"CLIENT_ID", "123456789012-a1b2c3d4e5f6g7h8i9j0k1l2m3n4o5p6.apps.example.com", false},
	{"JAVA_OPTS", "-XX:MaxRAMPercentage=75.0 -XX:+UseG1GC", false},
	{"CLASS", "com.example.shop.orders.OrderPlacedEventListenerFactoryBean2", false},
	{"FLAGS", "enableNewCheckout,disableLegacyCart,showPrices2", false},
	{"CRON", "*/15 3-5 * * 1-5", false},
	{"CORS", "https://shop.example,https://www.shop.example,http://localhost:3000", false},
	{"WHEN", "2026-11-23T14:15:00.123456789+01:00", false},
	{"ADDR", "2001:0db8:85a3:0000:0000:8a2e:0370:7334", false},
	{"MAC", "02:42:ac:11:00:02", false},
	{"LOCALE", "de_CH.UTF-8", false},
	{"FORMAT", "%{time}%{level}%{message}%{request.id}", false},
	{"GREETING", "Hello, welcome to the corner bookshop!", false},
	{"TOPIC", "shop.orders.placed.v2.europe-central.dead-letter-queue", false},
	{"BUCKET", "shop-orders-backup-eu-central-1-123456789012", false},
	{"PHONE", "+41446681800", false},
	{"DIGITS", "31415926535897932384626433832795", false},
	{"ALPHABET", "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", false},

	// command lines
	{"", "node server.js --password=geheim --verbose", true},
	{"", "node server.js --api-key geheim", true},
	{"", "DB_PASSWORD=geheim exec node server.js", true},
	{"", "curl -fsS -u monitor:geheim http://127.0.0.1/health", true},
	{"", `curl -H "Authorization: Bearer abc.def" http://127.0.0.1/health`, true},
	{"", "mysqldump -ushop -pgeheim shop", true},
	{"", "sshpass -p geheim ssh backup", true},
	{"", "redis-cli -a geheim ping", true},
	{"", `node server.js --password="$DB_PASSWORD"`, false},
	{"", "node server.js --password-file /run/secrets/db --token-ttl 60", false},
	{"", "docker run --user 1000:1000 shop/web", false},
	{"", "mysqldump -ushop -p shop", false},
	{"", "gunicorn -b 0.0.0.0:8000 --workers 4 shop.wsgi:application", false},
}

// The table is long enough to be a measure, and every value in it must be told right: one false alarm makes people ignore the next.
func TestValues(t *testing.T) {
	if len(values) < 80 {
		t.Fatalf("only %d values", len(values))
	}
	for _, c := range values {
		if got := Looks(c.name, c.value); got != c.want {
			t.Errorf("Looks(%q, %.70q) = %v", c.name, c.value, got)
		}
	}
}

// What Find cuts out is the secret and nothing else: the rest of the text stays readable.
func TestFind(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"postgres://shop:geheim@db/shop", "postgres://shop:#@db/shop"},
		{"node s.js --password='two words' -v", "node s.js --password='#' -v"},
		{"A_TOKEN=abc B_SECRET=def exec x", "A_TOKEN=# B_SECRET=# exec x"},
		{"host=db password=geheim dbname=x", "host=db password=# dbname=x"},
		{"shop:geheim@tcp(db:3306)/shop", "shop:#@tcp(db:3306)/shop"},
		{"curl -u monitor:geheim http://x/", "curl -u monitor:# http://x/"},
		{"jdbc:oracle:thin:scott/tiger@//db:1521/x", "jdbc:oracle:thin:scott/#@//db:1521/x"},
		{"plain text with nothing in it", "plain text with nothing in it"},
	} {
		got, end := "", 0
		for _, s := range Find(c.text) {
			got += c.text[end:s[0]] + "#"
			end = s[1]
		}
		if got += c.text[end:]; got != c.want {
			t.Errorf("Find(%q): %s", c.text, got)
		}
	}
}
