using System.Net;
using Amazon.Runtime;
using Amazon.S3;

namespace GlifMl.Pipelines;

/// <summary>
/// How S3 is asked, as AWS's own variables and profiles say: AWS_ENDPOINT_URL_S3 or AWS_ENDPOINT_URL for a server other than Amazon's,
/// AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY or AWS_PROFILE, AWS_REGION. And what is said where it does not answer.
/// </summary>
internal static class S3Connection
{
    private static string? Endpoint => Variable("AWS_ENDPOINT_URL_S3") ?? Variable("AWS_ENDPOINT_URL");

    /// <summary>Makes a client; nothing is asked yet.</summary>
    /// <param name="endpoint">The server; null: what the environment names, or Amazon's.</param>
    /// <param name="credentials">Who asks; null: whom the environment or a profile names.</param>
    public static AmazonS3Client Open(string? endpoint = null, AWSCredentials? credentials = null)
    {
        endpoint ??= Endpoint;
        var config = new AmazonS3Config
        {
            // Other servers know neither; Amazon's needs neither.
            RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
            ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
            Timeout = TimeSpan.FromMinutes(5),
            ConnectTimeout = TimeSpan.FromSeconds(10),
        };
        if (endpoint is not null)
        {
            config.ServiceURL = endpoint;
            config.ForcePathStyle = true;
            config.AuthenticationRegion = Variable("AWS_REGION") ?? Variable("AWS_DEFAULT_REGION") ?? "us-east-1";
        }

        return credentials is null ? new AmazonS3Client(config) : new AmazonS3Client(credentials, config);
    }

    /// <summary>What is said of a request that failed.</summary>
    public static InvalidDataException Worded(string at, Exception e)
    {
        var (found, expected) = e switch
        {
            AmazonServiceException { ErrorCode: "NoSuchBucket" } => ("no such bucket", "one that is there"),
            AmazonServiceException { StatusCode: HttpStatusCode.Forbidden or HttpStatusCode.Unauthorized } denied => (
                $"no right to what was asked ({denied.ErrorCode ?? "Forbidden"})",
                "credentials that may, in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY or a profile"
            ),
            AmazonServiceException { StatusCode: >= HttpStatusCode.BadRequest } service => (
                $"an error of the server, {(int)service.StatusCode} {service.ErrorCode}",
                "an answer"
            ),
            AmazonClientException when e.Message.Contains("credentials", StringComparison.OrdinalIgnoreCase) => (
                "no credentials",
                "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or a profile (AWS_PROFILE)"
            ),
            AmazonClientException when e.Message.Contains("region", StringComparison.OrdinalIgnoreCase) => (
                "no region",
                "AWS_REGION, or AWS_ENDPOINT_URL_S3 for a server other than Amazon's"
            ),
            _ => ($"no answer ({Innermost(e)})", $"a server at {Endpoint ?? "Amazon's"}"),
        };
        return new($"{at}: found {found}; expected {expected}", e);
    }

    private static string? Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;

    private static string Innermost(Exception e)
    {
        while (e.InnerException is { } inner)
            e = inner;
        return Quoted.Text(e.Message.Split('\n')[0].TrimEnd('.', '\r'), most: 200);
    }
}
