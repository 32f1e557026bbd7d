package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// user is one whom the API server knows by a token.
type user struct{ file, name, groups string }

var users = []user{
	{"kubeconfig", "admin", "system:masters"},
	{"kubeconfig-readonly", "lift-readonly", ""},
	{"kubeconfig-norights", "lift-norights", ""},
	{"etc/controller-manager", "system:kube-controller-manager", ""},
	{"etc/scheduler", "system:kube-scheduler", ""},
	{"etc/proxy", "system:kube-proxy", ""},
	{"etc/node", "system:node:" + nodeName, "system:nodes"},
	{"etc/coredns", "coredns", ""},
	{"etc/traefik", "traefik", ""},
}

// writeKeys makes what proves who is who, for this cluster alone: an authority, the API server's certificate, the key of the service accounts, and a kubeconfig for each user.
func writeKeys(dir, server string, addresses ...string) error {
	etc := filepath.Join(dir, "etc")
	authorityKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	authority := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "authority of a cluster for tests"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(30 * 24 * time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
	}
	authorityCert, err := x509.CreateCertificate(rand.Reader, authority, authority, authorityKey.Public(), authorityKey)
	if err != nil {
		return err
	}
	serverKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	cert := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "kube-apiserver"}, NotBefore: authority.NotBefore, NotAfter: authority.NotAfter,
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		DNSNames: []string{"localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc.cluster.local"},
	}
	for _, a := range addresses {
		cert.IPAddresses = append(cert.IPAddresses, net.ParseIP(a))
	}
	serverCert, err := x509.CreateCertificate(rand.Reader, cert, authority, serverKey.Public(), authorityKey)
	if err != nil {
		return err
	}
	accountsKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	accountsPublic, err := x509.MarshalPKIXPublicKey(accountsKey.Public())
	if err != nil {
		return err
	}
	authorityPEM := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: authorityCert})
	files := map[string][]byte{
		"ca.crt":       authorityPEM,
		"server.crt":   pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: serverCert}),
		"accounts.pub": pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: accountsPublic}),
	}
	for name, k := range map[string]*ecdsa.PrivateKey{"server.key": serverKey, "accounts.key": accountsKey} {
		der, err := x509.MarshalECPrivateKey(k)
		if err != nil {
			return err
		}
		files[name] = pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: der})
	}
	var tokens strings.Builder
	for i, u := range users {
		secret := make([]byte, 16)
		if _, err := rand.Read(secret); err != nil {
			return err
		}
		token := hex.EncodeToString(secret)
		fmt.Fprintf(&tokens, "%s,%s,%d", token, u.name, i)
		if u.groups != "" {
			fmt.Fprintf(&tokens, ",%q", u.groups)
		}
		tokens.WriteByte('\n')
		config, err := json.MarshalIndent(map[string]any{
			"apiVersion": "v1", "kind": "Config", "current-context": "test",
			"clusters": []any{map[string]any{"name": "test", "cluster": map[string]any{"server": server, "certificate-authority-data": base64.StdEncoding.EncodeToString(authorityPEM)}}},
			"users":    []any{map[string]any{"name": u.name, "user": map[string]any{"token": token}}},
			"contexts": []any{map[string]any{"name": "test", "context": map[string]any{"cluster": "test", "user": u.name}}},
		}, "", "  ")
		if err != nil {
			return err
		}
		files[filepath.Join("..", u.file)] = append(config, '\n')
	}
	files["tokens.csv"] = []byte(tokens.String())
	for name, data := range files {
		if err := os.WriteFile(filepath.Join(etc, name), data, 0o600); err != nil {
			return err
		}
	}
	return nil
}
