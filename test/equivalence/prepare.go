package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"time"
)

// left are the systems that are not taken along, with the reason.
var left = map[string]string{
	"guestbook": "it needs a PostgreSQL server, which is not part of it, and psycopg, which is on PyPI alone",
	"notebook":  "it needs a Redis server, which is not part of it, and Celery, which is on PyPI alone",
}

// prepare puts on the machine what a system's sources only refer to. The result takes it away again.
func prepare(name string) (func() error, error) {
	if name != "chat" {
		return func() error { return nil }, nil
	}
	dir := "/etc/ssl/chat"
	if _, err := os.Stat(dir); err == nil {
		return func() error { return nil }, nil
	}
	return func() error { return os.RemoveAll(dir) }, certificate(dir, "chat.example")
}

// certificate makes a self-signed certificate for a host, as fullchain.pem and privkey.pem.
func certificate(dir, host string) error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	now := time.Now()
	template := &x509.Certificate{SerialNumber: big.NewInt(now.UnixNano()), Subject: pkix.Name{CommonName: host}, DNSNames: []string{host}, NotBefore: now.Add(-time.Hour), NotAfter: now.Add(24 * time.Hour)}
	cert, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return err
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "fullchain.pem"), pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert}), 0o644); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "privkey.pem"), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}), 0o600)
}
