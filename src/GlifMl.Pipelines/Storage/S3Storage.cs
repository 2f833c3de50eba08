using System.Net;
using System.Net.Sockets;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;

namespace GlifMl.Pipelines;

/// <summary>
/// Put, get and list of S3, Amazon's or another server's, as this program needs them. Whatever goes wrong is one line that names the place.
/// </summary>
/// <param name="client">Asks the server; it tries again what a server or a line drops.</param>
internal sealed class S3Storage(IAmazonS3 client)
{
    // Of what is read while a connection breaks, which the client does not try again.
    private const int Attempts = 4;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    private static readonly Lazy<S3Storage> OfEnvironment = new(() =>
    {
        try
        {
            return new(S3Connection.Open());
        }
        catch (AmazonClientException e)
        {
            throw S3Connection.Worded("S3", e);
        }
    });

    /// <summary>What AWS's own variables and profiles name.</summary>
    public static S3Storage Default => OfEnvironment.Value;

    /// <summary>Bytes of a part of a large file; what is no larger is put at once. Default: 64 MiB, of at most 10,000 parts.</summary>
    public long PartBytes { get; init; } = 64L << 20;

    /// <summary>The files below a prefix.</summary>
    /// <param name="prefix">The prefix.</param>
    /// <param name="deep">Whether those count whose names have further slashes.</param>
    public IEnumerable<S3File> List(S3Address prefix, bool deep)
    {
        var start = prefix.Key.Length == 0 ? "" : $"{prefix.Key}/";
        string? next = null;
        do
        {
            var request = new ListObjectsV2Request
            {
                BucketName = prefix.Bucket,
                Prefix = start,
                Delimiter = deep ? null : "/",
                ContinuationToken = next,
            };
            var page = Do(prefix, () => client.ListObjectsV2Async(request));
            foreach (var file in page.S3Objects ?? [])
            {
                if (file.Key.Length > start.Length)
                    yield return new(
                        file.Key[start.Length..],
                        file.Size ?? 0,
                        file.ETag?.Trim('"') ?? "",
                        file.LastModified?.ToUniversalTime() ?? default
                    );
            }

            next = page.IsTruncated == true ? page.NextContinuationToken : null;
        } while (next is not null);
    }

    /// <summary>Bytes of a file; null where there is none.</summary>
    public long? LengthOf(S3Address file) =>
        file.Key.Length == 0
            ? null
            : Do(
                file,
                async () =>
                {
                    try
                    {
                        var head = new GetObjectMetadataRequest { BucketName = file.Bucket, Key = file.Key };
                        return (long?)(await client.GetObjectMetadataAsync(head)).ContentLength;
                    }
                    catch (AmazonServiceException e) when (e.StatusCode == HttpStatusCode.NotFound && e.ErrorCode != "NoSuchBucket")
                    {
                        return null;
                    }
                }
            );

    /// <summary>A part of a file.</summary>
    /// <param name="file">The file.</param>
    /// <param name="start">Where the part begins.</param>
    /// <param name="buffer">Where it goes, all of which there is.</param>
    public void Read(S3Address file, long start, Memory<byte> buffer) =>
        Do(
            file,
            async () =>
            {
                var request = new GetObjectRequest
                {
                    BucketName = file.Bucket,
                    Key = file.Key,
                    ByteRange = new ByteRange(start, start + buffer.Length - 1),
                };
                using var answer = await client.GetObjectAsync(request);
                await answer.ResponseStream.ReadExactlyAsync(buffer);
                return true;
            }
        );

    /// <summary>Brings a file onto this machine.</summary>
    /// <exception cref="FileNotFoundException">There is none.</exception>
    public void Fetch(S3Address file, string path) =>
        Do(
            file,
            async () =>
            {
                using var answer = await client.GetObjectAsync(new GetObjectRequest { BucketName = file.Bucket, Key = file.Key });
                using var local = AtomicFile.Create(path);
                await answer.ResponseStream.CopyToAsync(local.Stream);
                if (local.Stream.Length != answer.ContentLength)
                    throw new HttpIOException(HttpRequestError.ResponseEnded, $"{local.Stream.Length} of {answer.ContentLength} bytes");
                local.Commit();
                return true;
            }
        );

    /// <summary>Puts a file, whole.</summary>
    /// <param name="file">Where it goes.</param>
    /// <param name="path">Where it is.</param>
    /// <param name="onlyNew">Whether one that is there by then stays. A server that does not know this condition replaces it.</param>
    /// <returns>False: one was there, and stays.</returns>
    public bool Put(S3Address file, string path, bool onlyNew = false)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return Do(
                    file,
                    () => new FileInfo(path).Length > PartBytes ? PutParts(file, path, onlyNew) : PutAtOnce(file, path, onlyNew)
                );
            }
            catch (InvalidDataException e) when (e.InnerException is AmazonServiceException service && onlyNew)
            {
                switch (service.StatusCode)
                {
                    case HttpStatusCode.PreconditionFailed:
                        return false;
                    // Another is putting the same file; one of both will have done so.
                    case HttpStatusCode.Conflict when attempt < Attempts:
                        Thread.Sleep(attempt * Pause);
                        break;
                    case HttpStatusCode.NotImplemented:
                        onlyNew = false;
                        break;
                    default:
                        throw;
                }
            }
        }
    }

    /// <summary>Removes a file; one that is not there is as good.</summary>
    public void Delete(S3Address file) =>
        Do(file, () => client.DeleteObjectAsync(new DeleteObjectRequest { BucketName = file.Bucket, Key = file.Key }));

    private async Task<bool> PutAtOnce(S3Address file, string path, bool onlyNew)
    {
        await client.PutObjectAsync(
            new PutObjectRequest
            {
                BucketName = file.Bucket,
                Key = file.Key,
                FilePath = path,
                UseChunkEncoding = false,
                IfNoneMatch = onlyNew ? "*" : null,
            }
        );
        return true;
    }

    private async Task<bool> PutParts(S3Address file, string path, bool onlyNew)
    {
        var length = new FileInfo(path).Length;
        var begun = await client.InitiateMultipartUploadAsync(
            new InitiateMultipartUploadRequest { BucketName = file.Bucket, Key = file.Key }
        );
        try
        {
            var parts = new List<PartETag>();
            for (var (start, number) = (0L, 1); start < length; start += PartBytes, number++)
            {
                var part = await client.UploadPartAsync(
                    new UploadPartRequest
                    {
                        BucketName = file.Bucket,
                        Key = file.Key,
                        UploadId = begun.UploadId,
                        PartNumber = number,
                        FilePath = path,
                        FilePosition = start,
                        PartSize = Math.Min(PartBytes, length - start),
                        UseChunkEncoding = false,
                    }
                );
                parts.Add(new(number, part.ETag));
            }

            await client.CompleteMultipartUploadAsync(
                new CompleteMultipartUploadRequest
                {
                    BucketName = file.Bucket,
                    Key = file.Key,
                    UploadId = begun.UploadId,
                    PartETags = parts,
                    IfNoneMatch = onlyNew ? "*" : null,
                }
            );
            return true;
        }
        catch
        {
            // Parts of what is never completed are paid for.
            await client.AbortMultipartUploadAsync(
                new AbortMultipartUploadRequest
                {
                    BucketName = file.Bucket,
                    Key = file.Key,
                    UploadId = begun.UploadId,
                }
            );
            throw;
        }
    }

    private static T Do<T>(S3Address at, Func<Task<T>> call)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return call().GetAwaiter().GetResult();
            }
            catch (Exception e) when (IsBroken(e) && attempt < Attempts)
            {
                Thread.Sleep(attempt * Pause);
            }
            catch (AmazonServiceException e) when (e.ErrorCode == "NoSuchKey")
            {
                throw new FileNotFoundException($"{at}: found no such file; expected one that is there", $"{at}", e);
            }
            // Nobody cancels: a request that was cancelled took too long.
            catch (Exception e)
                when (IsBroken(e)
                    || e is AmazonClientException or AmazonServiceException or HttpRequestException or OperationCanceledException
                )
            {
                throw S3Connection.Worded($"{at}", e);
            }
        }
    }

    // A connection that breaks while an answer is read.
    private static bool IsBroken(Exception e) =>
        e is HttpIOException or EndOfStreamException or IOException { InnerException: SocketException };
}
