namespace Crispy.StreamHandle.Sources;

/// <summary>Which of ffmpeg's demuxers may open a local file: those that read that file and no other.
/// A release that does not know a name passes over it.</summary>
internal static class FileFormats
{
    private const string Containers =
        "mov,mp4,matroska,webm,mpegts,mpegtsraw,mpeg,avi,flv,live_flv,asf,asf_o,nut,ogg,mxf,gxf,rm,ivr,wtv,dv,dhav,ivf,nuv,pva,swf,smjpeg,"
            + "r3d,lxf,ty,vividas,nsv,rpl,vivo,yuv4mpegpipe,"
        + "h264,hevc,vvc,evc,h261,h263,m4v,mjpeg,mjpeg_2000,mpjpeg,mpegvideo,vc1,vc1test,dirac,dnxhd,cavsvideo,av1,obu,avs,avs2,avs3,ipu,"
        + "rawvideo,bitpacked,v210,v210x,"
        + "gif,apng,webp_anim,fits,cine,ser,filmstrip,flic,gdv,bink,smk,roq,mvi,mv,mm,film_cpk,ea,idcin,ipmovie,wc3movie,4xm,anm,ingenient,"
        + "lmlm4,thp,moflex,xmv,yop";

    private const string Pictures =
        "bmp_pipe,dds_pipe,dpx_pipe,exr_pipe,gem_pipe,gif_pipe,hdr_pipe,j2k_pipe,jpeg_pipe,jpegls_pipe,jpegxl_pipe,jpegxl_anim,pam_pipe,"
            + "pbm_pipe,pcx_pipe,pfm_pipe,pgm_pipe,pgmyuv_pipe,"
        + "pgx_pipe,phm_pipe,photocd_pipe,pictor_pipe,png_pipe,ppm_pipe,psd_pipe,qdraw_pipe,qoi_pipe,sgi_pipe,sunrast_pipe,tiff_pipe,"
        + "vbn_pipe,webp_pipe,xbm_pipe,xpm_pipe,xwd_pipe";

    // Sound alone is told as a source without a picture.
    private const string Sounds = "wav,w64,mp3,aac,ac3,eac3,flac,aiff,au,caf,amr,ape,dts,truehd,mlp,loas,webvtt,srt";

    /// <summary>The options with which a file is opened, each with its value.</summary>
    /// <param name="path">The file.</param>
    public static IReadOnlyList<string> Options(string path)
    {
        // One that is gone is ffmpeg's to tell.
        var kind = File.Exists(path) ? LocalPlaylist.KindOf(path) : PlaylistText.Kind.None;
        // What reads a row of pictures opens files by the name's pattern, "%03d.png".
        var images = path.Contains('%', StringComparison.Ordinal) ? "" : ",image2";
        var (playlist, protocols) = kind switch
        {
            PlaylistText.Kind.Hls => (",hls", "file,crypto"),
            PlaylistText.Kind.Concat => (",concat", "file"),
            PlaylistText.Kind.Dash => (",dash", "file"),
            _ => ("", "file"),
        };
        return [$"-protocol_whitelist {protocols}", $"-format_whitelist {Containers},{Pictures},{Sounds}{images}{playlist}"];
    }
}
