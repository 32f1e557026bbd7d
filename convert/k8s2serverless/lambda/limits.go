package lambda

import (
	"time"

	"github.com/deploylift/lift/deploy"
)

// Limits of Lambda and of HTTP APIs, from the quotas pages of their developer guides, as of November 2026.
const (
	minMemory  = 128 << 20      // bytes; Lambda quotas: function memory allocation
	maxMemory  = 10240 << 20    // bytes
	minScratch = 512 << 20      // bytes of /tmp; Lambda quotas: /tmp directory storage
	maxScratch = 10240 << 20    // bytes
	maxEnv     = 4 << 10        // bytes of all names and values; Lambda quotas: function environment variables
	perCPU     = 1769 << 20     // bytes of memory with which a function has one CPU; "Configure Lambda function memory"
	maxRetries = int64(2)       // of an asynchronous call; EventInvokeConfig MaximumRetryAttempts
	maxWindow  = 24 * time.Hour // EventBridge Scheduler, FlexibleTimeWindow
)

var (
	maxRun  = 900 * time.Second // Lambda quotas: function timeout
	request = 30                // seconds; HTTP API quotas: integration timeout
)

// adapter is the image of the Lambda Web Adapter, which turns the events of an HTTP API into requests to the program: https://github.com/awslabs/aws-lambda-web-adapter
const adapter = "public.ecr.aws/awsguru/aws-lambda-adapter:0.9.1"

// reserved are the variables that Lambda sets itself and refuses to have set: "Defined runtime environment variables".
var reserved = map[string]bool{
	"_HANDLER": true, "_X_AMZN_TRACE_ID": true, "AWS_DEFAULT_REGION": true, "AWS_REGION": true, "AWS_EXECUTION_ENV": true, "AWS_LAMBDA_FUNCTION_NAME": true, "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": true,
	"AWS_LAMBDA_FUNCTION_VERSION": true, "AWS_LAMBDA_INITIALIZATION_TYPE": true, "AWS_LAMBDA_LOG_GROUP_NAME": true, "AWS_LAMBDA_LOG_STREAM_NAME": true, "AWS_ACCESS_KEY": true, "AWS_ACCESS_KEY_ID": true,
	"AWS_SECRET_ACCESS_KEY": true, "AWS_SESSION_TOKEN": true, "AWS_LAMBDA_RUNTIME_API": true, "LAMBDA_TASK_ROOT": true, "LAMBDA_RUNTIME_DIR": true,
}

// mib rounds up to whole MiB within bounds.
func mib(n, low, high deploy.Bytes) deploy.Bytes {
	const unit = 1 << 20
	if rest := n % unit; rest > 0 {
		n += unit - rest
	}
	return min(max(n, low), high)
}
