namespace GlifMl;

/// <summary>A hash as a person reads it.</summary>
internal static class ShortHash
{
    /// <summary>As many digits as the name of a dataset's folder has, so that a message leads to it.</summary>
    public const int Digits = 16;

    /// <summary>The first digits; a hash from a file may be any text, shorter or with signs that no terminal should see.</summary>
    public static string Of(string hash) => Quoted.Text(hash.Length > Digits ? hash[..Digits] : hash);
}
