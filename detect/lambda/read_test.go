package lambda

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/deploylift/lift/deploy"
	"github.com/deploylift/lift/detect"
	"github.com/deploylift/lift/internal/conform"
)

func readFiles(t testing.TB, files map[string]string) detect.Result {
	t.Helper()
	return conform.Read(t, Source, files)
}

// told is what a reading found: the leaves of the model, then the findings.
func told(res detect.Result) string {
	var b strings.Builder
	deploy.Visit(res.App, func(p []byte, l deploy.Leaf) {
		if !l.Presence() {
			fmt.Fprintf(&b, "%s = %s\n", p, l)
		}
	})
	for _, f := range res.Findings {
		fmt.Fprintf(&b, "%s %s\n", f.Severity, f)
	}
	return b.String()
}

const (
	head = "AWSTemplateFormatVersion: \"2010-09-09\"\nTransform: AWS::Serverless-2016-10-31\n"
	web  = head + `Resources:
  WebFunction:
    Type: AWS::Serverless::Function
    Metadata: {Dockerfile: Dockerfile, DockerContext: ./web}
    Properties:
      PackageType: Image
`
	dockerfile = "FROM shop/web:1.0\nCOPY --from=public.ecr.aws/awsguru/aws-lambda-adapter:0.9.1 /lambda-adapter /opt/extensions/lambda-adapter\n"
)

func TestMinimal(t *testing.T) {
	files := map[string]string{"lambda/template.yaml": web, "lambda/web/Dockerfile": "FROM shop/web:1.0\n"}
	conform.Total(t, Source, files)
	if got := told(readFiles(t, files)); !strings.Contains(got, "workloads.web.image = shop/web:1.0\n") || !strings.Contains(got, "workloads.web.resources.memory.limit = 134217728\n") || strings.Contains(got, "ports") {
		t.Error(got)
	}
}

// stranger is a template as somebody else writes it.
const stranger = `Transform: [AWS::LanguageExtensions, AWS::Serverless-2016-10-31]
Description: A shop
Globals: {Function: {Timeout: 5}}
Parameters:
  Level: {Type: String, Default: info}
Resources:
  Shop:
    Type: AWS::Serverless::Function
    Metadata: {Dockerfile: Dockerfile, DockerContext: shop, DockerTag: v1}
    Properties:
      FunctionName: shop
      PackageType: Image
      Architectures: [arm64]
      MemorySize: 1024
      Timeout: 20
      ImageConfig: {Command: [--all], WorkingDirectory: /srv}
      Environment:
        Variables:
          LEVEL: {Ref: Level}
          MISSING: {Ref: Levle}
          TABLE: {"Fn::GetAtt": [Table, Arn]}
          COUNT: 3
          API_TOKEN: 9f8e7d6c5b4a39281706f5e4d3c2b1a0
          DB_PASSWORD: "{{resolve:secretsmanager:shop-db:SecretString:password}}"
          AWS_LWA_PORT: "3000"
          AWS_LWA_READINESS_CHECK_PORT: "3001"
          AWS_LWA_READINESS_CHECK_PROTOCOL: tcp
          AWS_LWA_READINESS_CHECK_PATH: /up
          AWS_LWA_REMOVE_BASE_PATH: /shop
          AWS_LWA_INVOKE_MODE: response_stream
      ReservedConcurrentExecutions: 5
      EphemeralStorage: {Size: 1024}
      Events:
        All: {Type: HttpApi}
        Shop: {Type: HttpApi, Properties: {Path: /shop, Method: ANY}}
        Below: {Type: HttpApi, Properties: {Path: "/shop/{proxy+}", Method: any}}
        One: {Type: HttpApi, Properties: {Path: /health, Method: GET, Auth: {Authorizer: NONE}}}
        Item: {Type: HttpApi, Properties: {Path: "/items/{id}", Method: GET}}
        Queue: {Type: SQS, Properties: {Queue: x}}
      Tags: {team: blue, workload: storefront}
  Report:
    Type: AWS::Serverless::Function
    Properties:
      ImageUri: shop/report:2
      PackageType: Image
      Timeout: 60
      ReservedConcurrentExecutions: 1
      EventInvokeConfig: {MaximumRetryAttempts: 1}
      FileSystemConfigs: [{Arn: {Ref: Files}, LocalMountPath: /mnt/reports}]
      Events:
        Nightly: {Type: ScheduleV2, Properties: {ScheduleExpression: "cron(0 2 ? * 2-6 *)", ScheduleExpressionTimezone: Europe/Zurich, State: DISABLED, FlexibleTimeWindow: {Mode: FLEXIBLE, MaximumWindowInMinutes: 15}}}
        Again: {Type: ScheduleV2, Properties: {ScheduleExpression: rate(1 hour)}}
  Old:
    Type: AWS::Serverless::Function
    Properties: {PackageType: Zip, MemorySize: 64, Events: {X: {Type: ScheduleV2, Properties: {ScheduleExpression: "cron(0 2 L * ? *)"}}}}
  Table: {Type: AWS::DynamoDB::Table}
Outputs: {Url: {Value: x}}
`

func TestStranger(t *testing.T) {
	files := map[string]string{"template.yaml": stranger, "shop/Dockerfile": "# syntax=docker/dockerfile:1\nFROM node:22 AS build\nRUN npm ci\n\nFROM shop/web:1.0\nCOPY --from=build /app /app\nCOPY --from=public.ecr.aws/awsguru/aws-lambda-adapter:0.8.4 /lambda-adapter /opt/extensions/lambda-adapter\n"}
	compare(t, "testdata/stranger.txt", told(readFiles(t, files)))
}

// What is wrong is said with its line, and how to mend it.
func TestBad(t *testing.T) {
	for name, c := range map[string]struct {
		files map[string]string
		want  string
	}{
		"no Dockerfile":     {map[string]string{"lambda/template.yaml": web}, "lambda/template.yaml:6: Resources.WebFunction.Metadata.Dockerfile: there is no lambda/web/Dockerfile; mend the name, or add the file"},
		"memory":            {map[string]string{"lambda/template.yaml": web + "      MemorySize: 64\n", "lambda/web/Dockerfile": dockerfile}, "lambda/template.yaml:9: Resources.WebFunction.Properties.MemorySize 64 is out of bounds; use 128 to 10240"},
		"unknown":           {map[string]string{"lambda/template.yaml": web + "      MemorySise: 128\n", "lambda/web/Dockerfile": dockerfile}, `Properties.MemorySise dropped: Function has no such field; did you mean "MemorySize"?`},
		"port":              {map[string]string{"lambda/template.yaml": web + "      Environment: {Variables: {AWS_LWA_PORT: http}}\n", "lambda/web/Dockerfile": dockerfile}, `AWS_LWA_PORT "http" is no port`},
		"parameter":         {map[string]string{"lambda/template.yaml": web + "      Environment: {Variables: {A: {Ref: B}}}\n", "lambda/web/Dockerfile": dockerfile}, "refers to no parameter; add it to Parameters"},
		"no FROM":           {map[string]string{"lambda/template.yaml": web, "lambda/web/Dockerfile": "ARG A\n"}, "lambda/web/Dockerfile:1: has no FROM"},
		"twice":             {map[string]string{"lambda/template.yaml": web + "  Web:\n    Type: AWS::Serverless::Function\n", "lambda/web/Dockerfile": dockerfile}, "Resources.Web: another function is the workload web"},
		"no adapter":        {map[string]string{"lambda/template.yaml": web + "      Events: {A: {Type: HttpApi}}\n", "lambda/web/Dockerfile": "FROM a\n"}, "dropped: the image has no Lambda Web Adapter"},
		"path twice":        {map[string]string{"lambda/template.yaml": web + "      Events: {A: {Type: HttpApi}, B: {Type: HttpApi}}\n", "lambda/web/Dockerfile": dockerfile}, "another event has the same path"},
		"file system":       {map[string]string{"lambda/template.yaml": web + "      FileSystemConfigs: [{Arn: x}]\n", "lambda/web/Dockerfile": dockerfile}, "has no Arn or no LocalMountPath"},
		"no requests":       {map[string]string{"lambda/template.yaml": web + "      Timeout: 5\n", "lambda/web/Dockerfile": dockerfile}, "lambda/template.yaml:9: Resources.WebFunction.Properties.Timeout dropped: a request may take 5 s here, and the model does not bound requests; write Timeout: 30"},
		"short requests":    {map[string]string{"lambda/template.yaml": web + "      Events: {A: {Type: HttpApi}}\n", "lambda/web/Dockerfile": dockerfile}, "info lambda/template.yaml:4: Resources.WebFunction: a request may take 3 s, Lambda's default; write Timeout: 30"},
		"half a route":      {map[string]string{"lambda/template.yaml": web + "      Events: {A: {Type: HttpApi, Properties: {Path: \"/a/{proxy+}\", Method: ANY}}}\n", "lambda/web/Dockerfile": dockerfile}, "routes.https://*/a/.workload = workloads.web"},
		"no such API":       {map[string]string{"lambda/template.yaml": web + "      Events: {A: {Type: HttpApi, Properties: {ApiId: {Ref: Api}}}}\n", "lambda/web/Dockerfile": dockerfile}, "error lambda/template.yaml:9: Resources.WebFunction.Properties.Events.A.Properties.ApiId.Ref refers to Api, which the template does not have; mend the name, or add it to Parameters"},
		"API without route": {map[string]string{"lambda/template.yaml": web + "      Events: {A: {Type: HttpApi}}\n  Api: {Type: AWS::Serverless::HttpApi}\n", "lambda/web/Dockerfile": dockerfile}, "warning lambda/template.yaml:10: Resources.Api has no routes: no event names it in ApiId; name it in the events of the functions, or remove it"},
		"two APIs":          {map[string]string{"lambda/template.yaml": web + "      Events: {A: {Type: HttpApi}, B: {Type: HttpApi, Properties: {ApiId: !Ref Api, Path: /b}}}\n  Api: {Type: AWS::Serverless::HttpApi}\n", "lambda/web/Dockerfile": dockerfile}, "Resources.WebFunction.Properties.Events.B belongs to another HTTP API than Resources.WebFunction.Properties.Events.A"},
		"closed API":        {map[string]string{"lambda/template.yaml": web + "  Api: {Type: AWS::Serverless::HttpApi, Properties: {FailOnWarning: true}}\n", "lambda/web/Dockerfile": dockerfile}, `Properties.FailOnWarning dropped: HttpApi resource has no such field; did you mean "FailOnWarnings"?`},
		"output":            {map[string]string{"lambda/template.yaml": web + "Outputs: {Url: {Value: {\"Fn::Sub\": \"https://${Api}.x\"}}, Half: {Description: x}}\n", "lambda/web/Dockerfile": dockerfile}, "Outputs.Url.Value.Fn::Sub refers to Api, which the template does not have"},
		"output of nothing": {map[string]string{"lambda/template.yaml": web + "Outputs: {Half: {Description: x}}\n", "lambda/web/Dockerfile": dockerfile}, "Outputs.Half has no Value; write what it tells"},
		"type":              {map[string]string{"lambda/template.yaml": web + "Parameters: {A: {Type: Strin}}\n", "lambda/web/Dockerfile": dockerfile}, "Parameters.A.Type is no type of a parameter; write String, or another one that CloudFormation knows"},
		"no type":           {map[string]string{"lambda/template.yaml": web + "Parameters: {A: {Default: x}}\n", "lambda/web/Dockerfile": dockerfile}, "Parameters.A has no Type; write one, such as String"},
		"idle parameter":    {map[string]string{"lambda/template.yaml": web + "Parameters: {A: {Type: String}}\n", "lambda/web/Dockerfile": dockerfile}, "info lambda/template.yaml:9: Parameters.A: nothing refers to it; remove it"},
		"no network":        {map[string]string{"lambda/template.yaml": web + "      FileSystemConfigs: [{Arn: x, LocalMountPath: /mnt/x}]\n", "lambda/web/Dockerfile": dockerfile}, "FileSystemConfigs: a function without a network reaches no file system; write VpcConfig with SubnetIds and SecurityGroupIds"},
		"other files":       {map[string]string{"lambda/template.yaml": web + "      FileSystemConfigs: [{Arn: x, LocalMountPath: /mnt/x}]\n      Policies: [{Statement: [{Effect: Allow, Action: \"elasticfilesystem:*\", Resource: \"*\", Condition: {StringEquals: {\"elasticfilesystem:AccessPointArn\": y}}}]}]\n", "lambda/web/Dockerfile": dockerfile}, "FileSystemConfigs[0].Arn: no policy allows elasticfilesystem:ClientMount; allow it in Policies, for this access point"},
		"files to read":     {map[string]string{"lambda/template.yaml": web + "      FileSystemConfigs: [{Arn: x, LocalMountPath: /mnt/x}]\n      Policies: [{Statement: [{Effect: Allow, Action: \"elasticfilesystem:ClientMount\", Resource: \"*\"}]}]\n", "lambda/web/Dockerfile": dockerfile}, "FileSystemConfigs[0].Arn: no policy allows elasticfilesystem:ClientWrite"},
		"adapter below":     {map[string]string{"lambda/template.yaml": web, "lambda/web/Dockerfile": strings.Replace(dockerfile, "extensions/lambda-adapter", "extensions/lambda-adapter/x", 1)}, "warning lambda/web/Dockerfile:2: COPY dropped: what a function's image adds to its base is read by a later version"},
		"adapter's name":    {map[string]string{"lambda/template.yaml": web, "lambda/web/Dockerfile": strings.Replace(dockerfile, " /lambda-adapter", " /lambda", 1)}, "warning lambda/web/Dockerfile:2: COPY dropped"},
		"other adapter":     {map[string]string{"lambda/template.yaml": web, "lambda/web/Dockerfile": strings.Replace(dockerfile, "public.ecr.aws", "registry.example", 1)}, "info lambda/web/Dockerfile:2: the Lambda Web Adapter comes from registry.example/awsguru/aws-lambda-adapter:0.9.1, not from its maker; see that it is the same"},
		"before FROM":       {map[string]string{"lambda/template.yaml": web, "lambda/web/Dockerfile": "COPY a b\n" + dockerfile}, "error lambda/web/Dockerfile:1: COPY before the first FROM; begin with FROM"},
		"stays and goes":    {map[string]string{"lambda/template.yaml": web, "lambda/web/Dockerfile": dockerfile, kept: "resources: [../../kubernetes/base/web]\n"}, "a workload of the same name stays on Kubernetes: lambda/kubernetes/kustomization.yaml:1"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := told(readFiles(t, c.files)); !strings.Contains(got, c.want) {
				t.Errorf("want %q in\n%s", c.want, got)
			}
		})
	}
}

// The runtime runs the command if a stage builds it of a file that is there, without libraries, and it is what the image starts.
func TestRuntime(t *testing.T) {
	const image = "FROM golang:1.26 AS run\nWORKDIR /src\nCOPY run.go .\nRUN CGO_ENABLED=0 go build -trimpath -ldflags=-s -o /run run.go\n\nFROM shop/web:1.0\nCOPY --from=run /run /opt/lift/run\nENTRYPOINT [\"/opt/lift/run\"]\n"
	template := web + "      ImageConfig: {Command: [./nightly]}\n"
	files := map[string]string{"lambda/template.yaml": template, "lambda/web/Dockerfile": image, "lambda/web/run.go": "package main\n"}
	if got := told(readFiles(t, files)); strings.Contains(got, "lambda/") {
		t.Errorf("as it is: %s", got)
	}
	delete(files, "lambda/web/run.go")
	if got := told(readFiles(t, files)); !strings.Contains(got, "error lambda/web/Dockerfile:3: COPY: there is no lambda/web/run.go; mend the name, or add the file") {
		t.Error(got)
	}
	files["lambda/web/run.go"] = ""
	for _, c := range [][2]string{
		{"AS run", "AS rum"},
		{"golang", "golanh"},
		{"COPY run.go .\n", ""},
		{"COPY run.go .", "COPY run.go x"},
		{"CGO_ENABLED=0 ", ""},
		{"go build", "go vet"},
		{"-o /run", "-o /rum"},
		{" run.go\n", " rum.go\n"},
		{"--from=run ", ""},
		{"--from=run", "--fron=run"},
		{" /run /opt", " /rum /opt"},
		{"/opt/lift/run\n", "/opt/lift/rum\n"},
		{"ENTRYPOINT [\"/opt/lift/run\"]\n", ""},
		{"\"/opt/lift/run\"", "\"/opt/lift/rum\""},
		{"COPY --from=run /run /opt/lift/run\n", ""},
		{"RUN CGO", "RUN rm -rf /\nRUN CGO"},
	} {
		files["lambda/web/Dockerfile"] = strings.Replace(image, c[0], c[1], 1)
		if got := told(readFiles(t, files)); files["lambda/web/Dockerfile"] == image || !strings.Contains(got, "lambda/web/Dockerfile:") {
			t.Errorf("%q for %q is not noticed:\n%s", c[1], c[0], got)
		}
	}
}

// A template of CloudFormation without SAM, or another tool's file of the name, is none of this source's.
func TestNotSAM(t *testing.T) {
	if got := told(readFiles(t, map[string]string{"template.yaml": "Resources: {A: {Type: AWS::S3::Bucket}}\n", "x/template.yml": "{{ .Values }}\n"})); got != "" {
		t.Error(got)
	}
}

// Every line that is taken out leaves a template that can be read, with every setting accounted for.
func TestEveryLine(t *testing.T) {
	lines := strings.SplitAfter(stranger, "\n")
	for i := range lines {
		text := strings.Join(slices.Delete(slices.Clone(lines), i, i+1), "")
		readFiles(t, map[string]string{"template.yaml": text, "shop/Dockerfile": dockerfile})
		if t.Failed() {
			t.Fatalf("without line %d: %s", i+1, lines[i])
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add(stranger, dockerfile)
	f.Add(web, "FROM a\nENTRYPOINT [\"/opt/lift/run\"]\n")
	f.Fuzz(func(t *testing.T, text, image string) {
		readFiles(t, map[string]string{"template.yaml": head + text, "shop/Dockerfile": image})
	})
}

// compare holds a text against a file, and writes it with UPDATE=1.
func compare(t *testing.T, name, got string) {
	t.Helper()
	if os.Getenv("UPDATE") != "" {
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil || string(want) != got {
		t.Errorf("%s differs (%v):\n%s", name, err, got)
	}
}
