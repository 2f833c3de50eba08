using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Xml.Linq;

namespace GlifMl.Tests.Storage;

/// <summary>
/// A small S3 within the tests: put, get, ranges, lists and parts of one bucket, conditional puts as Amazon's has them, and whatever
/// fault a test asks for.
/// </summary>
internal sealed class S3Server : IDisposable
{
    public const string Bucket = "lab";

    // Of a list, so that there are several.
    private const int PageFiles = 4;

    private readonly HttpListener _listener = new();
    private readonly ConcurrentDictionary<string, byte[]> _files = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, ConcurrentDictionary<int, byte[]>> _uploads = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<string> _requests = new();

    public S3Server()
    {
        for (var attempt = 0; ; attempt++)
        {
            Address = $"http://127.0.0.1:{FreePort()}";
            _listener.Prefixes.Clear();
            _listener.Prefixes.Add(Address + "/");
            try
            {
                _listener.Start();
                break;
            }
            catch (HttpListenerException) when (attempt < 20) { }
        }

        new Thread(Serve) { IsBackground = true }.Start();
    }

    public string Address { get; }

    /// <summary>What every command is told of the server.</summary>
    public (string, string?)[] Environment =>
        [
            ("AWS_ENDPOINT_URL_S3", Address),
            ("AWS_ACCESS_KEY_ID", "key"),
            ("AWS_SECRET_ACCESS_KEY", "secret"),
            ("AWS_REGION", "us-east-1"),
            ("AWS_EC2_METADATA_DISABLED", "true"),
        ];

    /// <summary>Files by their keys.</summary>
    public IReadOnlyDictionary<string, byte[]> Files => _files;

    /// <summary>Method, path and answer of each request so far.</summary>
    public IReadOnlyCollection<string> Requests => _requests;

    /// <summary>
    /// What becomes of a request, by its method and key: a status, -1 for a connection that breaks in the middle; null: nothing.
    /// </summary>
    public Func<string, string, int?> Fault { get; set; } = (_, _) => null;

    public void Put(string key, byte[] content) => _files[key] = content;

    public void Dispose() => _listener.Close();

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }

    private void Serve()
    {
        while (_listener.IsListening)
        {
            HttpListenerContext context;
            try
            {
                context = _listener.GetContext();
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
                return;
            }

            ThreadPool.QueueUserWorkItem(_ =>
            {
                try
                {
                    Answer(context);
                }
                catch (Exception e) when (e is HttpListenerException or IOException or InvalidOperationException)
                {
                    context.Response.Abort();
                }
            });
        }
    }

    private void Answer(HttpListenerContext context)
    {
        var (request, response) = (context.Request, context.Response);
        var path = Uri.UnescapeDataString(request.Url!.AbsolutePath).Split('/', 3);
        var (bucket, key) = (path[1], path.Length > 2 ? path[2] : "");
        var body = new MemoryStream();
        request.InputStream.CopyTo(body);
        var fault = Fault(request.HttpMethod, key);
        if (fault is > 0)
            Send((int)fault, Error(fault == 403 ? "AccessDenied" : "InternalError"));
        else if (bucket != Bucket)
            Send(404, Error("NoSuchBucket"));
        else if (key.Length == 0)
            Send(200, List(Query("prefix") ?? "", Query("delimiter"), Query("continuation-token")));
        else
            OfFile();

        string? Query(string name) => request.QueryString[name];

        void OfFile()
        {
            switch (request.HttpMethod)
            {
                case "GET" or "HEAD" when !_files.ContainsKey(key):
                    Send(404, Error("NoSuchKey"));
                    break;
                case "GET" or "HEAD":
                    var content = _files[key];
                    response.Headers["ETag"] = Tag(content);
                    response.Headers["Last-Modified"] = "Wed, 01 Jan 2020 00:00:00 GMT";
                    if (request.Headers["Range"]?["bytes=".Length..].Split('-') is [var from, var to])
                        Send(206, content[int.Parse(from)..(int.Parse(to) + 1)]);
                    else
                        Send(200, content);
                    break;
                case "DELETE":
                    if (Query("uploadId") is { } aborted)
                        _uploads.TryRemove(aborted, out _);
                    else
                        _files.TryRemove(key, out _);
                    Send(204, []);
                    break;
                case "POST" when request.QueryString["uploadId"] is { } id:
                    Keep([.. _uploads[id].OrderBy(part => part.Key).SelectMany(part => part.Value)], "<CompleteMultipartUploadResult/>");
                    break;
                case "POST":
                    var upload = $"upload-{_uploads.Count}";
                    _uploads[upload] = [];
                    Send(
                        200,
                        Encoding.UTF8.GetBytes(
                            $"<InitiateMultipartUploadResult><Bucket>{Bucket}</Bucket><Key>{key}</Key><UploadId>{upload}</UploadId>"
                                + "</InitiateMultipartUploadResult>"
                        )
                    );
                    break;
                case "PUT" when request.QueryString["partNumber"] is { } number:
                    _uploads[request.QueryString["uploadId"]!][int.Parse(number)] = body.ToArray();
                    response.Headers["ETag"] = $"\"part-{number}\"";
                    Send(200, []);
                    break;
                case "PUT":
                    Keep(body.ToArray(), "");
                    break;
            }
        }

        void Keep(byte[] content, string said)
        {
            if (request.Headers["If-None-Match"] != "*")
                _files[key] = content;
            else if (!_files.TryAdd(key, content))
            {
                Send(412, Error("PreconditionFailed"));
                return;
            }

            response.Headers["ETag"] = Tag(content);
            Send(200, Encoding.UTF8.GetBytes(said));
        }

        void Send(int status, byte[] content)
        {
            _requests.Enqueue($"{request.HttpMethod} {key} {(fault == -1 ? -1 : status)}");
            response.StatusCode = status;
            response.ContentLength64 = content.Length;
            if (fault == -1)
            {
                // Half of it, and the line is dead.
                response.OutputStream.Write(content.AsSpan(0, content.Length / 2));
                response.OutputStream.Flush();
                response.Abort();
                return;
            }

            if (request.HttpMethod != "HEAD")
                response.OutputStream.Write(content);
            response.Close();
        }
    }

#pragma warning disable CA5351 // S3's tags are that.
    private static string Tag(byte[] content) => $"\"{Convert.ToHexStringLower(MD5.HashData(content))}\"";
#pragma warning restore CA5351

    private static byte[] Error(string code) => Encoding.UTF8.GetBytes($"<Error><Code>{code}</Code><Message>as asked</Message></Error>");

    private byte[] List(string prefix, string? delimiter, string? after)
    {
        string[] keys =
        [
            .. _files
                .Keys.Where(key => key.StartsWith(prefix, StringComparison.Ordinal) && string.CompareOrdinal(key, after ?? "") > 0)
                .Where(key => delimiter is null || !key[prefix.Length..].Contains(delimiter, StringComparison.Ordinal))
                .Order(StringComparer.Ordinal),
        ];
        string[] page = [.. keys.Take(PageFiles)];
        return Encoding.UTF8.GetBytes(
            new XElement(
                "ListBucketResult",
                new XElement("IsTruncated", keys.Length > page.Length ? "true" : "false"),
                keys.Length > page.Length ? new XElement("NextContinuationToken", page[^1]) : null,
                page.Select(key => new XElement(
                    "Contents",
                    new XElement("Key", key),
                    new XElement("Size", _files[key].Length),
                    new XElement("ETag", Tag(_files[key])),
                    new XElement("LastModified", "2020-01-01T00:00:00.000Z")
                ))
            ).ToString()
        );
    }
}
