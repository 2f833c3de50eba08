using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using GlifMl.Lstm;

namespace GlifMl.Torch;

/// <summary>
/// Loads libtorch's native libraries before TorchSharp is first touched.
/// </summary>
/// <remarks>
/// TorchSharp 0.107's libLibTorchSharp.so asks for GLIBCXX_3.4.32 (GCC 13) for one symbol that is never called, so it does not load on
/// Debian 12, Ubuntu 22.04 and their like. There a copy whose requirement is marked weak is written to the user's cache and loaded
/// instead. It runs when this assembly is first used; where the library loads as it is, and on other systems, nothing is changed.
/// </remarks>
public static class TorchRuntime
{
    private const string Library = "libLibTorchSharp.so";
    private const string UnusedVersion = "GLIBCXX_3.4.32";
    private static readonly Lazy<Outcome> Load = new(LoadOnce);

    /// <summary>What was loaded, from where, and whether a patched copy was needed: one line for logs and bug reports.</summary>
    public static string Description => Load.Value.Description;

    /// <summary>Makes sure that libtorch is loaded. Cheap after the first call.</summary>
    /// <exception cref="DllNotFoundException">libtorch cannot be loaded on this machine; the message says which file and why.</exception>
    public static void EnsureLoaded()
    {
        if (!Load.Value.Loaded)
            throw new DllNotFoundException(Load.Value.Description);
    }

    /// <summary>Checks what training a network needs of this machine, so that a run can fail before it has done anything.</summary>
    /// <exception cref="DllNotFoundException">libtorch cannot be loaded.</exception>
    /// <exception cref="ArgumentException">GLIFML_KERNEL names no kernel of this machine.</exception>
    public static void Check()
    {
        EnsureLoaded();
        _ = LstmKernels.Default;
    }

    /// <summary>Runs the loader before any other code of this assembly; failures wait for <see cref="EnsureLoaded"/>.</summary>
    [ModuleInitializer]
    [SuppressMessage(
        "Usage",
        "CA2255",
        Justification = "TorchSharp loads its library once, in a static constructor: ours must come first."
    )]
    internal static void Initialize() => _ = Load.Value;

    private static Outcome LoadOnce()
    {
        if (!OperatingSystem.IsLinux() || RuntimeInformation.ProcessArchitecture != Architecture.X64)
            return new(true, "libtorch is left to TorchSharp on this system");
        if (Find(Library) is not { } original)
            return new(false, $"libtorch was not found: no {Library} beside {AppContext.BaseDirectory}; reference TorchSharp-cpu");

        try
        {
            // The patched copy stands elsewhere, so its run path does not lead to these; libraries already loaded satisfy it by name.
            foreach (var dependency in (string[])["libc10.so", "libtorch_cpu.so", "libtorch.so"])
            {
                if (Find(dependency) is { } path)
                    NativeLibrary.Load(path);
            }

            if (NativeLibrary.TryLoad(original, out _))
                return new(true, $"libtorch loaded from {original}");

            var image = File.ReadAllBytes(original);
            if (!ElfVersionNeed.Weaken(image, UnusedVersion))
                NativeLibrary.Load(original);
            return LoadPatched(original, image);
        }
        catch (Exception e) when (IsRefusal(e))
        {
            return new(false, $"libtorch cannot be loaded from {original}: {OneLine(e)}");
        }
    }

    /// <summary>
    /// Loads the changed library from the user's cache or, where that cannot be written to, from a folder of this process alone.
    /// </summary>
    private static Outcome LoadPatched(string original, byte[] image)
    {
        var patched = $"{original} with its need of {UnusedVersion} marked weak";
        var cache = CacheFolder();
        string refusal;
        try
        {
            var copy = Path.Combine(cache, ShortHash.Of(Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(original)))), Library);
            if (!File.Exists(copy) || !image.AsSpan().SequenceEqual(File.ReadAllBytes(copy)))
                AtomicFile.WriteAllBytes(copy, image);
            // Between the comparison and the loader's reading another user might put a library of his own there.
            if (!FileNode.IsTrusted(copy))
                throw new IOException("found a cache that other users can write to; expected one of this user alone");
            NativeLibrary.Load(copy);
            return new(true, $"libtorch loaded from {copy}: {patched}");
        }
        catch (Exception e) when (IsRefusal(e))
        {
            refusal = $"{cache}: {OneLine(e)}";
        }

        var temporary = Path.GetTempPath();
        try
        {
            // What is loaded needs its file no more.
            using var folder = TemporaryFolder.Create("torch");
            var copy = Path.Combine(folder.Path, Library);
            AtomicFile.WriteAllBytes(copy, image);
            NativeLibrary.Load(copy);
            return new(true, $"libtorch loaded from {copy}, gone since: {patched} ({refusal})");
        }
        catch (Exception e) when (IsRefusal(e))
        {
            return new(
                false,
                $"libtorch cannot be loaded: found no place for a copy that fits this system ({refusal}; {temporary}: {OneLine(e)}); "
                    + "expected one, which XDG_CACHE_HOME or TMPDIR can name"
            );
        }
    }

    private static bool IsRefusal(Exception e) =>
        e is DllNotFoundException or BadImageFormatException or IOException or UnauthorizedAccessException;

    private static string OneLine(Exception e) => e.Message.ReplaceLineEndings(" ").TrimEnd();

    private static string? Find(string file)
    {
        var beside = Path.Combine("runtimes", "linux-x64", "native");
        var searched = AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES") as string ?? "";
        return searched
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Append(Path.Combine(AppContext.BaseDirectory, beside))
            .Append(AppContext.BaseDirectory)
            .Select(folder => Path.Combine(folder, file))
            .FirstOrDefault(File.Exists);
    }

    // Only the user can write here: a library must never be loaded from a folder that others can write to, such as /tmp.
    private static string CacheFolder() =>
        Path.Combine(
            Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { } cache && Path.IsPathRooted(cache)
                ? cache
                : Path.Combine(
                    Environment.GetFolderPath(Environment.SpecialFolder.UserProfile, Environment.SpecialFolderOption.DoNotVerify),
                    ".cache"
                ),
            "glifml"
        );

    private sealed record Outcome(bool Loaded, string Description);
}
