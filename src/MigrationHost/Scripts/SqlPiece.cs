namespace MigrationHost.Scripts;

/// <summary>A part of an SQL text that is not code.</summary>
internal enum SqlPiece
{
    /// <summary><c>-- …</c>, without the end of its line.</summary>
    LineComment,

    /// <summary><c>/* … */</c>, with those nested in it.</summary>
    BlockComment,

    /// <summary><c>'…'</c>, <c>"…"</c> or <c>$tag$…$tag$</c>.</summary>
    Quoted,
}
