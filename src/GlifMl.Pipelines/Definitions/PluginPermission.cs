namespace GlifMl.Pipelines;

/// <summary>
/// Whether definitions may bring code with them. A definition is text that is passed about: what it names must not run by itself, so that
/// whoever runs it says so.
/// </summary>
internal static class PluginPermission
{
    /// <summary>The option that gives it.</summary>
    public const string Option = "--allow-plugins";

    private static readonly AsyncLocal<bool> Given = new();

    public static bool IsGiven => Given.Value;

    /// <summary>Gives it to what is called from here until it is disposed of.</summary>
    public static IDisposable Give()
    {
        Given.Value = true;
        return new Taken();
    }

    private sealed class Taken : IDisposable
    {
        public void Dispose() => Given.Value = false;
    }
}
